"""In which order the intentions toward one destination are asked, told to people.

Worked example, toward api: web -> api decides what web calls, * -> api what all others call. Then
nothing is left for * -> *, and the page says so.
"""

from collections.abc import Iterable, Iterator

import msgspec

from dashboard.intentions.words import summary
from meshcore.intentions.precedence import ordered, rank
from meshcore.intentions.types import WILDCARD, Intention, ServiceIntentions


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One intention, or the default policy, which has neither source nor destination."""

    number: int
    verdict: str  # as parts show it: allow, deny, conditional, default-allow, default-deny
    about: str
    words: str
    source: str = ""
    destination: str = ""
    precedence: int = 0
    is_elsewhere: bool = False  # it belongs to the destination *
    is_reached: bool = True

    @property
    def is_about_one(self) -> bool:
        """One caller of this destination: such steps take nothing from one another."""
        return self.source not in ("", WILDCARD) and not self.is_elsewhere


def evaluation(
    destination: str,
    own: Iterable[Intention],
    everywhere: ServiceIntentions | None,
    *,
    default_allow: bool,
) -> tuple[Step, ...]:
    """The last step is the default policy."""
    general = everywhere.intentions if everywhere and destination != WILDCARD else ()
    asked = [each for each in ordered((*own, *general)) if not each.source_peer]
    steps, sources = [], set[str]()
    for number, intention in enumerate(asked, start=1):
        steps.append(
            Step(
                number=number,
                verdict=verdict_of(intention),
                about=about(intention, destination, is_first=number == 1),
                words=summary(intention),
                source=intention.source,
                destination=intention.destination,
                precedence=rank(intention),
                is_elsewhere=intention.destination != destination,
                is_reached=sources.isdisjoint((WILDCARD, intention.source)),
            )
        )
        sources.add(intention.source)
    return (*steps, default_step(steps, default_allow=default_allow))


def verdict_of(intention: Intention) -> str:
    return intention.action or "conditional"


def about(intention: Intention, destination: str, *, is_first: bool) -> str:
    """Whose calls it decides."""
    return " ".join(_about(intention, destination, is_first=is_first))


def _about(intention: Intention, destination: str, *, is_first: bool) -> Iterator[str]:
    if intention.source != WILDCARD:
        yield f"calls of {intention.source}"
    else:
        yield "calls of every service" if is_first else "calls of every other service"
    if intention.destination != destination:
        yield "to any service"


def default_step(steps: list[Step], *, default_allow: bool) -> Step:
    is_reached = all(step.source != WILDCARD for step in steps)
    return Step(
        number=len(steps) + 1,
        verdict="default-allow" if default_allow else "default-deny",
        about="calls of every other service" if steps else "all calls",
        words="the default policy",
        is_reached=is_reached,
    )
