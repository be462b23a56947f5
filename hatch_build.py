"""What a wheel holds beside the code: templates, bundled scripts, the demo. A checkout has them."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {
    "templates": "dashboard/shipped/templates",
    "static/dist": "dashboard/shipped/static/dist",
    "deploy/demo": "meshcore/cli/dev/shipped/demo",
}


class Shipping(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is not exported
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        if not Path(self.root, "static/dist/.built").exists():
            raise FileNotFoundError("the scripts and styles are not bundled: run make assets first")
        build_data["force_include"] |= {
            str(Path(self.root, here)): there for here, there in SHIPPED.items()
        }
