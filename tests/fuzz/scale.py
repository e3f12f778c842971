"""How much is made up: so much in CI, and as many times as much as PYTEST_FUZZ says on demand.

PYTEST_FUZZ=7 .ci/fuzz -n 2 -k every_call makes 21,000 calls of tools.
"""

import os

from hypothesis import HealthCheck, settings

SCALE = int(os.environ.get("PYTEST_FUZZ", "1"))


def examples(usual: int) -> settings:
    """Hypothesis makes so many examples times the scale, new ones in each run."""
    return settings(
        max_examples=usual * SCALE,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
