"""What the tests of the store share about a database."""

import msgspec


class Database(msgspec.Struct, frozen=True):
    alias: str  # of the connection that Django makes for each thread
    url: str
