"""Writes wait for late records and for each other: their tests run on virtual time."""

import pytest

from tests.clock import VIRTUAL_TIME


@pytest.fixture
def anyio_backend() -> object:
    return VIRTUAL_TIME
