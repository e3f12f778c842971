"""The architecture: what stands in which room, and which way the arrows between rooms run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "faktoora_mcp"
ROOT = Path(__file__).parent.parent / PACKAGE
FLOORS = (
    ("cli",),
    ("server",),
    ("answers", "writes"),
    ("queries", "sheets"),
    ("insight",),
    ("api",),
    ("rules",),
    ("settings", "errors", "language", "text", "sandbox"),
)
"""From the top floor down: a room may use every room further down, never one beside it or further up."""
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
TOP_LEVEL = {"__init__", "__main__", "settings", "errors", "language", "text"}
LIBRARIES = {
    "mcp": {"server", "cli"},
    "httpx": {"api", "cli", "server"},
    "starlette": {"sandbox"},
    "uvicorn": {"cli"},
    "click": {"cli"},
    "sqlite3": {"cli", "sandbox"},
    "rapidfuzz": {"insight"},
    "stdnum": {"rules", "sandbox"},
}
"""Third-party packages and the rooms that may import them."""
LARGE = {"cli": 24, "sandbox": 24}
FILES, LINES = 18, 300
MODULES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[str]:
    """Full names of all that a module imports, also inside its functions."""
    base = (PACKAGE, *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = base[: len(base) - node.level + 1] if node.level else ()
            module = ".".join((*start, *filter(None, [node.module])))
            yield from ([f"{module}.{alias.name}" for alias in node.names] if module == PACKAGE else [module])


def rooms_used(path: Path) -> set[str]:
    ours = {name.split(".")[1] for name in imported(path) if name.startswith(PACKAGE + ".")}
    return ours - {room(path), "__version__"}


def test_only_what_every_room_may_use_stands_outside_the_rooms() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} == TOP_LEVEL


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in MODULES} - {"__init__", "__main__"} == LEVEL.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_uses_only_rooms_further_down(path: Path) -> None:
    above = [used for used in rooms_used(path) if LEVEL[used] <= LEVEL.get(room(path), -1)]
    assert above == []


def test_the_sandbox_shares_no_code_with_the_client() -> None:
    assert {used for path in MODULES if room(path) == "sandbox" for used in rooms_used(path)} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_library_is_imported_only_where_it_belongs(path: Path) -> None:
    used = {name.split(".")[0] for name in imported(path)}
    assert [library for library in used & LIBRARIES.keys() if room(path) not in LIBRARIES[library]] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LINES


@pytest.mark.parametrize("place", sorted({path.parent for path in MODULES}), ids=lambda path: path.name)
def test_no_room_holds_too_many_files(place: Path) -> None:
    files = [path for path in place.glob("*.py") if path.stem != "__init__"]
    assert len(files) <= LARGE.get(place.name, FILES)


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=lambda p: p.parent.name)
def test_a_package_does_nothing_when_it_is_imported(path: Path) -> None:
    assert path.parent == ROOT or path.read_text("utf-8") == ""
