"""Which types of checks this agent runs, and for whom: scripts only where they are switched on."""

from meshcore.agent.settings import Settings
from meshcore.registry.checks import RUN_BY_SERVER

SCRIPT = "script"


def runs_in_files(settings: Settings) -> frozenset[str]:
    """Whoever may write the agent's files may run programs as its user anyway."""
    is_allowed = settings.enable_script_checks or settings.enable_local_script_checks
    return frozenset((*RUN_BY_SERVER, SCRIPT) if is_allowed else RUN_BY_SERVER)


def runs_over_http(settings: Settings) -> frozenset[str]:
    return frozenset((*RUN_BY_SERVER, SCRIPT) if settings.enable_script_checks else RUN_BY_SERVER)
