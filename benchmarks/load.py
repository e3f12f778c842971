"""How much is measured: enough for stable medians, or just enough to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    rounds: int = 9
    warm_up: int = 1
    """Warm-up rounds before them, which are not counted."""
    calls: int = 100
    """Calls of a contender before it is the turn of the next."""
    levels: tuple[int, ...] = (1, 16, 64)
    settled_calls: int = 2_000
    most_calls: int = 10_000
    api_s: float = 1.0
    judged: bool = True


QUICK = Load(
    rounds=1, warm_up=0, calls=4, levels=(1, 4), settled_calls=20, most_calls=40, api_s=0.05, judged=False
)
