"""A file is written whole or not at all."""

import stat
from pathlib import Path

import pytest

from faktoora_mcp.cli.files import atomic_write


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_target_is_replaced_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "kunden.csv"
    target.write_text("before")
    with atomic_write(target) as file:
        file.write(b"after")
        assert target.read_text() == "before"
    assert [target.read_text(), *tmp_path.iterdir()] == ["after", target]


def test_a_failure_leaves_no_unfinished_file(tmp_path: Path) -> None:
    def interrupted() -> None:
        with atomic_write(tmp_path / "kunden.csv") as file:
            file.write(b"half")
            assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("wanted", [0o600, 0o640, 0o666])
def test_a_file_gets_the_mode_that_is_asked_for_whatever_the_umask(tmp_path: Path, wanted: int) -> None:
    target = tmp_path / "mcp.json"
    with atomic_write(target, wanted) as file:
        file.write(b"{}")
        (part,) = tmp_path.iterdir()
        assert mode(part) & ~wanted == 0
    assert mode(target) == wanted


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "missing" / "kunden.csv"):
        pass
