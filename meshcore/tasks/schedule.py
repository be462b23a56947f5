"""What beat sends, and how often: the one place where it stands.

To add a task: write a plain function in a module here, wrap it in scheduled.py, and name it below.
A task that has waited for its own period, or ten seconds, is dropped by the worker that finds it,
since the next one is there already; so a worker that was away does not run one task a hundred
times. Two beats do no harm, as every task may run twice.
"""

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    task: str
    every_s: float

    @property
    def expires_s(self) -> float:
        """Not sooner: the clocks of two machines may be seconds apart."""
        return max(self.every_s, 10.0)


SCHEDULE = (
    Entry(task="tulle.certificates.look_after", every_s=1.0),
    Entry(task="tulle.certificates.prune_records", every_s=60 * 60.0),
    Entry(task="tulle.checks.probe", every_s=0.5),
    Entry(task="tulle.checks.sweep", every_s=1.0),
    Entry(task="tulle.checks.reconcile", every_s=15.0),
    Entry(task="tulle.tokens.prune", every_s=60.0),
)
