"""Rules and configurations: in a file, on standard input, or on the command line itself."""

from meshcore.cli.files import STDIN, read_text, shown

FILE_MARK = "@"  # Consul's; needed only for a file with = or { in its name


def text_of(typed: str, *, what: str) -> tuple[str, str]:
    """The text, and how to name where it stands; no rule is without { or =, and few files with."""
    if typed.startswith(FILE_MARK):
        return read_text(typed[1:]), shown(typed[1:])
    if typed != STDIN and (not typed or "{" in typed or "=" in typed):
        return typed, what
    return read_text(typed), shown(typed)
