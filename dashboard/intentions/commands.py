"""The command line that makes the change which a page is about to make."""

import shlex

from dashboard.intentions.merging import by_identity, parts
from dashboard.intentions.typed import Language
from meshcore.intentions.types import Intention, ServiceIntentions


def command(
    before: ServiceIntentions | None, after: ServiceIntentions, *, language: Language
) -> str:
    """One intention has commands of its own; more, and permissions, take a file. Empty for none."""
    was, wanted = by_identity(before), by_identity(after)
    changed = [
        identity
        for identity in dict.fromkeys((*was, *wanted))
        if parts(was.get(identity)) != parts(wanted.get(identity))
    ]
    if not changed:
        return ""
    if len(changed) == 1 and not changed[0][1]:
        former, intention = was.get(changed[0]), wanted.get(changed[0])
        if intention is None:
            assert former is not None
            return delete(former.source, former.destination)
        if intention.action is not None:
            return create(intention, replaces=former is not None)
    if not after.intentions:
        name = shlex.quote(after.destination)
        return f"tulle config delete --kind service-intentions --name {name}"
    return f"tulle apply -f {file_name(after.destination, language)}"


def create(intention: Intention, *, replaces: bool) -> str:
    words = ["tulle", "intention", "create", intention.source, intention.destination]
    words.append(f"--{intention.action}")
    if replaces:
        words.append("--replace")
    if intention.description:
        words += ["--description", intention.description]
    return shlex.join(words)


def delete(source: str, destination: str) -> str:
    return shlex.join(("tulle", "intention", "delete", source, destination))


def file_name(destination: str, language: Language) -> str:
    """What the editor's text is to be saved as; no name of a service begins a path or an option."""
    name = "everything" if destination == "*" else destination.strip("-.~")
    return f"{name or 'intentions'}.{language}"
