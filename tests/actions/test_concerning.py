import pytest

from meshcore.acl.types import Policy
from meshcore.actions.concerning import names
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.types import Change, Topic
from meshcore.registry.types import Check, Instance, Node, Proxy

ALLOW = Intention(source="web", destination="db", action="allow")
DENY = Intention(source="*", destination="db", action="deny")
BEFORE = ServiceIntentions(destination="db", intentions=(ALLOW,))
AFTER = ServiceIntentions(destination="db", intentions=(DENY,))
SIDECAR = Instance(
    node="node-1",
    id="web-1-sidecar",
    service="web-sidecar",
    kind="connect-proxy",
    proxy=Proxy(destination_service="web"),
)
CHECK = Check(node="node-1", id="http", name="", service_id="web-1", service="web")
NODE = Node(name="node-1", address="")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (Change(Topic.NODE, ("node-1",), None, NODE), {"node-1"}),
        (
            Change(Topic.INSTANCE, SIDECAR.key, SIDECAR, None),
            {"node-1", "web-1-sidecar", "web-sidecar", "web"},
        ),
        (Change(Topic.CHECK, CHECK.key, None, CHECK), {"node-1", "http", "web-1", "web"}),
        (Change(Topic.INTENTIONS, ("db",), BEFORE, AFTER), {"db", "web", "*"}),
        (Change(Topic.POLICY, ("1234",), None, Policy(id="1234", name="ops")), {"1234", "ops"}),
    ],
    ids=lambda given: str(given.topic) if isinstance(given, Change) else "",
)
def test_change_is_found_by_each_name_in_it(change: Change, found: set[str]) -> None:
    assert names(change) == found
