"""The architecture: rooms, the direction of imports between them, and the map of both in CONTRIBUTING.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import table, with_block, written

PACKAGE = "faktoora_mcp"
ROOT = Path(__file__).parent.parent / PACKAGE
FLOORS = (
    ("cli",),
    ("server",),
    ("answers", "writes"),
    ("queries", "sheets"),
    ("insight",),
    ("api",),
    ("rules", "state"),
    ("settings",),
    ("quotas", "errors", "language", "text", "sandbox"),
)
"""From the top floor down: a room may use every room further down, never one beside it or further up."""
PURPOSES = {
    "cli": "The command line, one module for each command.",
    "cli/calls": "`faktoora-mcp call`: arguments from words, help of tools, answers for people.",
    "cli/texts": "What the commands say, in English and German: help, errors, numbers.",
    "cli/hosts": "The MCP hosts: their configurations, and our server in them.",
    "cli/probes": "What `doctor` tries out, and what it can find.",
    "server": "The MCP server: what agents and hosts see, and the wiring.",
    "server/elicitation": "Questions to the user, for hosts that support elicitation.",
    "server/remote": "The server over HTTP: who calls, what is let in, and how much at a time.",
    "server/remote/watching": "Metrics and traces of a server over HTTP.",
    "answers": "What an agent reads: facts become typed answers, redacted and within the byte budget.",
    "writes": "Changes: checked before, sent once, shielded, reconciled, recorded.",
    "writes/many": "Changes of many customers in one call: planned, confirmed, paced, taken back.",
    "queries": "Reads that take more than one request.",
    "sheets": "Files of customers: encodings, delimiters, headers, rows, checks.",
    "insight": "Pure functions over records: conditions, aggregation, checks, duplicates.",
    "api": "The faktoora Customers API: requests, retries, errors, models, records.",
    "rules": "What a field may hold: validation, identifiers, tables of standards.",
    "state": "What processes of one server share: locks, used confirmations, counts; in memory or Redis.",
    "sandbox": "A second, independent reading of the specification on SQLite; it imports nothing of ours.",
    PACKAGE: "What every room may use.",
}
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
TOP_LEVEL = {"__init__", "__main__", "settings", "quotas", "errors", "language", "text"}
LIBRARIES = {
    "mcp": {"server", "cli"},
    "httpx": {"api", "cli", "server"},
    "starlette": {"sandbox", "server"},
    "uvicorn": {"cli", "server"},
    "click": {"cli"},
    "sqlite3": {"cli", "sandbox"},
    "rapidfuzz": {"insight"},
    "stdnum": {"rules", "sandbox"},
    "openpyxl": {"sheets"},
    "ftfy": {"sheets"},
    "prometheus_client": {"server"},
    "opentelemetry": {"server"},
    "redis": {"state"},
}
"""Third-party packages and the rooms that may import them."""
LARGE = {"cli": 24, "sandbox": 24}
FILES, LINES = 18, 300
MODULES = sorted(ROOT.rglob("*.py"))
CONTRIBUTING = ROOT.parent / "CONTRIBUTING.md"


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


def purpose(path: Path) -> str:
    """The first sentence of a module's docstring, without its full stop."""
    text = " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split())
    return re.split(r"(?<=[^.])\.(?: |$)", text, maxsplit=1)[0]


def room_map(place: str) -> str:
    folder = ROOT if place == PACKAGE else ROOT / place
    modules = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
    rows = ((f"`{path.stem}`", purpose(path)) for path in modules)
    return f"### `{place}/`\n\n{PURPOSES[place]}\n\n{table(('Module', 'What lives there'), rows)}\n"


def architecture() -> str:
    """The floors in one line, then the modules of every room."""
    floors = " → ".join(", ".join(floor) for floor in FLOORS)
    return "\n".join((f"`{floors}`\n", *map(room_map, PURPOSES)))


def test_the_map_in_contributing_names_every_module() -> None:
    now = with_block(CONTRIBUTING, "map", architecture())
    assert written(CONTRIBUTING, now) == now


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
