"""In which column each service stands: to the right of all that call it, where no cycle forbids.

    web -> api -> db        web  api  db
    batch -> db                  batch

Calls of a cycle that lead back to where a walk along the calls came from do not count. A service
that nobody calls stands close to the first one that it calls.
"""

from collections.abc import Mapping, Sequence

Calls = Mapping[str, Sequence[str]]  # names in order, by who calls


def layers(names: Sequence[str], calls: Calls) -> list[list[str]]:
    """Return the columns from left to right, each in the order in which a walk meets the names."""
    positions = topological(names, calls)
    forward = {
        name: [to for to in calls.get(name, ()) if positions[to] > place]
        for name, place in positions.items()
    }
    column = dict.fromkeys(positions, 0)
    called = set()
    for name in positions:
        for to in forward[name]:
            called.add(to)
            column[to] = max(column[to], column[name] + 1)
    for name, callees in forward.items():
        if callees and name not in called:
            column[name] = min(column[to] for to in callees) - 1
    found: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name in positions:
        found[column[name]].append(name)
    return found


def topological(names: Sequence[str], calls: Calls) -> dict[str, int]:
    """Number the names so that calls lead to higher numbers, those that close a cycle excepted."""
    incoming = dict.fromkeys(names, 0)
    for callees in calls.values():
        for to in callees:
            incoming[to] += 1
    starts = sorted(
        names, key=lambda name: (incoming[name] > 0, incoming[name] - len(calls.get(name, ())))
    )
    finished: list[str] = []
    seen: set[str] = set()
    for start in starts:
        if start not in seen:
            walk(start, calls, seen, finished)
    return {name: place for place, name in enumerate(reversed(finished))}


def walk(start: str, calls: Calls, seen: set[str], finished: list[str]) -> None:
    """Add what can be reached from here, each name after all that were first met behind it."""
    seen.add(start)
    path = [(start, iter(calls.get(start, ())))]
    while path:
        name, callees = path[-1]
        for to in callees:
            if to not in seen:
                seen.add(to)
                path.append((to, iter(calls.get(to, ()))))
                break
        else:
            finished.append(name)
            path.pop()
