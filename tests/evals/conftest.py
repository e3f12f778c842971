"""The reference scripts, played once in each form of the API."""

import anyio
import pytest

from evals.script import Script
from evals.tasks import TASKS
from evals.trial import Trial, play
from faktoora_mcp.sandbox.forms import Forms


@pytest.fixture(scope="session")
def reference(forms: Forms) -> dict[str, Trial]:
    async def all_of_them() -> dict[str, Trial]:
        return {name: await play(task, Script, forms) for name, task in TASKS.items()}

    return anyio.run(all_of_them)
