"""Numbers as people read them: three significant figures."""

STEPS = ((10_000_000_000, 1e9, "G"), (10_000_000, 1e6, "M"), (10_000, 1e3, "k"))  # from, by, letter


def figures(value: float) -> str:
    """`0.0123`, `9999`, `12.3k`: whole numbers are shortened where a list gets hard to read."""
    for least, by, letter in STEPS:
        if abs(value) >= least:
            return f"{_three(value / by)}{letter}"
    return str(int(value)) if value == int(value) else _three(value)


def rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _three(value: float) -> str:
    return f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".")
