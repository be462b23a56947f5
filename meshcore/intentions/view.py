"""The intentions at one index."""

import msgspec
from immutables import Map

from meshcore.intentions.types import WILDCARD, Intention, ServiceIntentions
from meshcore.lib.records import Record


class Intentions(msgspec.Struct, frozen=True):
    by_destination: Map[str, Record[ServiceIntentions]] = Map()

    def to(self, destination: str) -> ServiceIntentions | None:
        record = self.by_destination.get(destination)
        return record.value if record else None

    def between(self, source: str, destination: str) -> Intention | None:
        """The intention that names exactly these two, wildcards taken literally."""
        entry = self.to(destination)
        for intention in entry.intentions if entry else ():
            if intention.source == source:
                return intention
        return None

    def covering(self, destination: str) -> tuple[Intention, ...]:
        """All that may decide a call to this destination, in the order of their precedence."""
        own = self.to(destination)
        everywhere = self.to(WILDCARD) if destination != WILDCARD else None
        return (own.intentions if own else ()) + (everywhere.intentions if everywhere else ())

    def with_entry(
        self, destination: str, record: Record[ServiceIntentions] | None
    ) -> "Intentions":
        entries = self.by_destination
        return Intentions(
            entries.set(destination, record) if record else entries.delete(destination)
        )
