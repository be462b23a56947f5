"""What can be done about certificates: all else happens by itself."""

from dashboard.doing import Asked, Done
from meshcore.acl.rules import Access, RuleKind


async def rotate(asked: Asked) -> Done:
    """Begin the change to a new root; what follows happens by itself."""
    asked.caller.require(RuleKind.OPERATOR, Access.WRITE)
    await asked.context.issuer.rotations.rotate(actor=asked.caller.actor, reason=asked.reason)
    return Done(
        text="A new root is prepared. It signs as soon as every proxy has heard of it",
        command="tulle ca rotate",
    )
