"""The first management token, which a server leaves in its data dir for the folder's owner."""

import os
import stat
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from meshcore.client.address import Address

NAME = "bootstrap-token"


def bootstrap_token(place: Address, environ: Mapping[str, str]) -> str:
    """Nothing unless the server is on this machine."""
    return kept_in(file_of(environ)) if is_loopback(place) else ""


def file_of(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("TULLE_DATA_DIR") or ".tulle") / NAME


def kept_in(file: Path) -> str:
    """Nothing unless the file is for nobody's eyes but ours."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, errors="replace") as opened:
        return opened.read().strip() if is_ours_alone(os.fstat(descriptor)) else ""


def is_loopback(place: Address) -> bool:
    """A name other than localhost may mean another machine tomorrow."""
    if place.host == "localhost":
        return not place.socket
    try:
        return ip_address(place.host).is_loopback
    except ValueError:
        return False


def is_ours_alone(found: os.stat_result) -> bool:
    return (
        stat.S_ISREG(found.st_mode)
        and found.st_uid == os.geteuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )
