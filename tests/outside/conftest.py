import pytest

from tests.outside.programs import Programs, installed


@pytest.fixture(scope="session")
def programs() -> Programs:
    return installed()
