"""What holds for every test: a clean environment, virtual time, parameters in a fixed order."""

import os
import sys
import time
from tempfile import TemporaryDirectory

import pytest

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.clock import VIRTUAL_TIME
from tests.processes import clean


@pytest.fixture
def anyio_backend() -> object:
    return VIRTUAL_TIME


@pytest.fixture(scope="session", params=[DOCUMENTED, CURRENT], ids=["documented", "current"])
def forms(request: pytest.FixtureRequest) -> Forms:
    """The forms of the API that a sandbox speaks: as ordered, and as its vendor documents it today."""
    return request.param


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: some tests wait for a process."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Modules read the environment at import, so it is clean before the first is collected."""
    home = TemporaryDirectory(prefix="home")
    session.config.add_cleanup(home.cleanup)
    given = clean(os.environ, HOME=home.name, USERPROFILE=home.name)
    os.environ.clear()
    os.environ.update(given)
    if sys.platform != "win32":  # which reads TZ by itself
        time.tzset()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A set has another order in every process, and xdist compares what its processes collect."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if isinstance(mark.args[1], set | frozenset):
            pytest.fail(f"{metafunc.definition.nodeid}: the parameters are a set; sort them", pytrace=False)
