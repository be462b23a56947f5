"""The roots by which Envoy knows its control plane, in a file that it reads again when it changes.

In the bootstrap they would stay as they were: once the authority has changed to a new root, and the
old one is pruned, an Envoy that knows the old one alone could never connect again.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from meshcore.client.http import Client, Json
from meshcore.lib.errors import MeshError
from meshcore.sidecars.files import write_private

NAME = "roots"
PATH = "/v1/connect/ca/roots"
WAIT_S = 300
PAUSE_S = 1.0
TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"

Tell = Callable[[str], None]


def bundle(authority: Json) -> str:
    """All that are trusted, of the server's answer."""
    return "".join(root["RootCert"] for root in authority.get("Roots") or ())


def write(file: Path, trust_bundle: str) -> None:
    """As an SDS response."""
    secret = {
        "@type": TYPE,
        "name": NAME,
        "validation_context": {"trusted_ca": {"inline_string": trust_bundle}},
    }
    write_private(file, json.dumps({"resources": [secret]}, indent=2))


def keep_up_to_date(client: Client, file: Path, *, known: str, tell: Tell) -> None:
    """From now on, in the background, for as long as this process runs."""
    threading.Thread(
        target=_follow, args=(client, file, known, tell), name="roots", daemon=True
    ).start()


def _follow(client: Client, file: Path, known: str, tell: Tell) -> None:
    index, said = 0, ""
    while True:
        try:
            known, index = refreshed(client, file, known=known, index=index)
            said = ""
        except (MeshError, OSError) as error:
            index = 0  # the next server may be another one, or the same with other data
            if str(error) != said:
                said = str(error)
                tell(f"the roots are not followed: {said}")
        # Apart from each other: all proxies of a server lose it at the same moment.
        time.sleep(PAUSE_S * random.uniform(0.5, 1.5))  # noqa: S311 - not for secrets


def refreshed(client: Client, file: Path, *, known: str, index: int) -> tuple[str, int]:
    """Wait for other roots than those of this index; write them when they are not known."""
    authority, newer = client.newer(PATH, than=index, wait_s=WAIT_S)
    trust_bundle = bundle(authority)
    if trust_bundle and trust_bundle != known:
        write(file, trust_bundle)
        known = trust_bundle
    return known, newer if newer >= index else 0
