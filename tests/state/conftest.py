"""A Redis for the tests of a module."""

from collections.abc import Generator

import pytest

from tests.state.redis_server import RedisServer, redis_server


@pytest.fixture
def redis() -> Generator[RedisServer]:
    with redis_server() as server:
        yield server
