"""Random meshes whose intentions are such as the actions let in."""

from hypothesis import strategies as st

from meshcore.intentions.types import HeaderMatch, Intention, Permission, Request, RequestMatch
from meshcore.mesh.types import Mesh
from tests.topology.meshes import http, mesh, service, toward

NAMES = ("web", "api", "db", "batch")
PATHS = ("/", "/admin", "/admin/users")
HEADER = HeaderMatch(name="x-role", exact="admin")

PERMISSIONS = st.builds(
    Permission,
    action=st.sampled_from(["allow", "deny"]),
    http=st.builds(
        RequestMatch,
        path_prefix=st.sampled_from([None, *PATHS]),
        methods=st.sampled_from([(), ("GET",), ("PUT", "POST")]),
        headers=st.sampled_from([(), (HEADER,)]),
    ),
)
ENDS = st.sampled_from([*NAMES, "*"])
INTENTIONS = st.lists(
    st.builds(
        lambda source, destination, action, permissions, peer: Intention(
            source=source,
            destination=destination,
            action=None if permissions else action,
            permissions=tuple(permissions),
            source_peer=peer if source != "*" else "",
        ),
        ENDS,
        ENDS,
        st.sampled_from(["allow", "deny"]),
        st.just([]) | st.lists(PERMISSIONS, max_size=3),
        st.sampled_from(["", "", "", "east"]),
    ),
    max_size=8,
    unique_by=lambda each: (each.source, each.source_peer, each.destination),
)
REQUESTS = st.none() | st.builds(
    Request,
    method=st.sampled_from(["GET", "PUT"]),
    path=st.sampled_from([*PATHS, "/%2f"]),
    headers=st.sampled_from([{}, {"x-role": "admin"}]),
)


@st.composite
def meshes(draw: st.DrawFn) -> Mesh:
    registered = draw(st.lists(st.sampled_from(NAMES), unique=True))
    calls = [draw(st.lists(st.sampled_from(NAMES), max_size=2)) for _ in registered]
    speaking = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return mesh(
        *(service(name, calls=each) for name, each in zip(registered, calls, strict=True)),
        *map(http, speaking),
        toward(*draw(INTENTIONS)),
    )
