"""The two policies that are there from the start and cannot be changed."""

from meshcore.acl.rules import Access, over_everything, rendered
from meshcore.acl.types import GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY, Policy

BUILTIN_POLICIES = (
    Policy(
        id=GLOBAL_MANAGEMENT,
        name="global-management",
        description="Everything, everywhere.",
        rules=rendered(over_everything(Access.WRITE)),
    ),
    Policy(
        id=GLOBAL_READ_ONLY,
        name="builtin/global-read-only",
        description="Read everything, write nothing.",
        rules=rendered(over_everything(Access.READ)),
    ),
)
