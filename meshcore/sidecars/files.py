"""The files that an Envoy is given."""

import os
import tempfile
from pathlib import Path
from urllib.parse import quote


def bootstrap_file(proxy_id: str, *, data_dir: Path | None = None) -> Path:
    return _folder(data_dir) / f"{quote(proxy_id, safe='')}.json"


def roots_file(proxy_id: str, *, data_dir: Path | None = None) -> Path:
    """The plus is in no quoted id, so no other proxy's bootstrap has this name."""
    return _folder(data_dir) / f"{quote(proxy_id, safe='')}+roots.json"


def token_file(proxy_id: str, *, data_dir: Path | None = None) -> Path:
    return _folder(data_dir) / f"{quote(proxy_id, safe='')}+token"


def write_private(file: Path, text: str) -> None:
    """Never readable by others, not even for a moment: there may be a token in it.

    Whoever reads it meanwhile finds the old one or the new one, never a part.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink()
        raise


def _folder(data_dir: Path | None = None) -> Path:
    """Absolute, since Envoy may run elsewhere."""
    return (data_dir or Path(os.environ.get("TULLE_DATA_DIR") or ".tulle")).resolve() / "proxies"
