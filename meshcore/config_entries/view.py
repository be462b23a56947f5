"""The config entries at one index; intentions have a view of their own."""

from collections.abc import Iterator

import msgspec
from immutables import Map

from meshcore.config_entries.types import (
    GLOBAL,
    HTTP_PROTOCOLS,
    ConfigEntry,
    EntryKey,
    ProxyDefaults,
    ServiceDefaults,
)
from meshcore.lib.records import Record


class ConfigEntries(msgspec.Struct, frozen=True):
    entries: Map[EntryKey, Record[ConfigEntry]] = Map()

    def entry(self, kind: str, name: str) -> ConfigEntry | None:
        record = self.entries.get((kind, name))
        return record.value if record else None

    def of_kind(self, kind: str) -> Iterator[Record[ConfigEntry]]:
        return (record for key, record in sorted(self.entries.items()) if key[0] == kind)

    def service_defaults(self, service: str) -> ServiceDefaults | None:
        entry = self.entry("service-defaults", service)
        assert entry is None or isinstance(entry, ServiceDefaults)
        return entry

    def proxy_defaults(self) -> ProxyDefaults | None:
        entry = self.entry("proxy-defaults", GLOBAL)
        assert entry is None or isinstance(entry, ProxyDefaults)
        return entry

    def protocol(self, service: str) -> str:
        """The service's own protocol, else the one of proxy-defaults, else tcp."""
        own = self.service_defaults(service)
        if own and own.protocol:
            return own.protocol
        everywhere = self.proxy_defaults()
        protocol = everywhere.config.get("protocol", "") if everywhere else ""
        return str(protocol).lower() or "tcp"

    def speaks_http(self, service: str) -> bool:
        return self.protocol(service) in HTTP_PROTOCOLS

    def with_entry(self, key: EntryKey, record: Record[ConfigEntry] | None) -> "ConfigEntries":
        return ConfigEntries(self.entries.set(key, record) if record else self.entries.delete(key))
