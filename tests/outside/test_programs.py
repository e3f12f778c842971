import json
import os
import socket
from pathlib import Path

import pytest

from tests.outside.programs import Programs, installed

pytestmark = pytest.mark.outside
PINNED = {"nanoid": "5.0.0"}


@pytest.fixture
def wanting(tmp_path: Path) -> Path:
    """A folder that pins a program which is not installed."""
    packages = {"": {"dependencies": PINNED}, "node_modules/nanoid": {"version": "5.0.0"}}
    lock = {"lockfileVersion": 3, "packages": packages}
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": PINNED}), "utf-8")
    (tmp_path / "package-lock.json").write_text(json.dumps(lock), "utf-8")
    return tmp_path


@pytest.fixture
def unreachable(tmp_path: Path) -> dict[str, str]:
    """An environment, not that of CI, whose npm knows only a registry at a closed port and an empty cache."""
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        registry = f"http://127.0.0.1:{closed_soon.getsockname()[1]}"
    npm = {"npm_config_registry": registry, "npm_config_cache": str(tmp_path / "cache")}
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return kept | npm | {"npm_config_fetch_retries": "0", "HOME": str(tmp_path)}


def test_programs_that_are_there_are_not_asked_for_again(
    programs: Programs, unreachable: dict[str, str]
) -> None:
    assert installed(environ=unreachable) == programs


def test_without_a_registry_the_tests_are_skipped_with_the_reason(
    wanting: Path, unreachable: dict[str, str]
) -> None:
    with pytest.raises(pytest.skip.Exception, match="ECONNREFUSED"):
        installed(wanting, unreachable)


def test_without_a_registry_the_tests_fail_in_ci(wanting: Path, unreachable: dict[str, str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="ECONNREFUSED"):
        installed(wanting, unreachable | {"CI": "true"})
