"""What .importlinter cannot say: the pure packages import with every framework blocked."""

import subprocess
import sys

import grimp

PURE = (
    "acl",
    "actions",
    "certificates",
    "config_entries",
    "intentions",
    "kv",
    "lib",
    "mesh",
    "proxycfg",
    "registry",
    "topology",
    "traffic",
    "wire",
)

IMPURE = ("celery", "channels", "django", "grpc", "redis", "rest_framework")


def test_pure_packages_import_with_frameworks_blocked() -> None:
    modules = sorted(
        module
        for module in grimp.build_graph("meshcore").modules
        if module.count(".") and module.split(".")[1] in PURE
    )
    script = f"import sys; sys.modules.update(dict.fromkeys({IMPURE})); import {', '.join(modules)}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == ""
