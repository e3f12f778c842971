import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "faktoora_mcp"
ROOT = Path(__file__).parent.parent / PACKAGE
LEAVES = {"settings", "untrusted", "codes", "errors", "language", "starting", "__init__"}
ARROWS = {
    **dict.fromkeys(LEAVES, frozenset[str]()),
    "identifiers": {"codes", "untrusted"},
    "fields": {"codes", "identifiers", "untrusted"},
    "models": {"fields"},
    "records": {"models"},
    "insight": {"fields", "identifiers", "models", "records", "untrusted"},
    "outcomes": {"fields", "records"},
    "shapes": {"settings", "untrusted"},
    "summaries": {"models", "outcomes", "records", "shapes"},
    "arguments": {"fields", "models", "summaries", "untrusted"},
    "retry": {"errors"},
    "replies": {"errors", "untrusted"},
    "receipts": {"findings", "outcomes", "questions", "records", "shapes", "summaries"},
    "wire": {"errors", "records", "replies", "untrusted"},
    "client": {
        "__init__", "errors", "models", "records", "replies", "retry", "settings", "untrusted", "wire",
    },
    "lookup": {"client", "errors", "models", "outcomes", "records"},
    "writes": {
        "client", "errors", "fields", "insight", "lookup", "models", "outcomes", "records", "settings",
        "untrusted",
    },
    "asking": {"connection", "errors", "hiding", "language", "records", "settings", "untrusted", "writes"},
    "scan": {"client", "errors", "models", "records"},
    "questions": {"client", "errors", "insight", "models", "records", "scan", "settings"},
    "findings": {"insight", "questions", "records", "scan", "shapes", "summaries"},
    "hiding": {"errors", "fields", "insight", "models", "settings"},
    "connection": {"client", "embedded", "settings"},
    "embedded": {"sandbox", "settings"},
    "definitions": {"arguments", "hiding", "settings", "tools"},
    "answers": {
        "arguments", "definitions", "errors", "fields", "hiding", "settings", "shapes", "summaries",
        "untrusted",
    },
    "prompts": {"language"},
    "tools": {
        "arguments", "asking", "client", "connection", "findings", "hiding", "insight", "lookup", "models",
        "questions", "receipts", "records", "settings", "summaries", "writes",
    },
    "references": {"arguments", "codes", "errors", "fields", "models", "records"},
    "resources": {"connection", "hiding", "lookup", "references", "summaries"},
    "completions": {
        "client", "codes", "errors", "hiding", "identifiers", "insight", "models", "prompts", "records",
        "resources", "settings", "shapes",
    },
    "view": frozenset[str](),
    "server": {
        "__init__", "answers", "completions", "connection", "definitions", "errors", "hiding", "prompts",
        "resources", "settings", "tools", "view",
    },
    "stdio": {"server"},
    "readable": frozenset[str](),
    "call": {"fields", "readable", "server", "settings", "tools", "untrusted"},
    "csv_file": {"insight", "untrusted"},
    "csv_report": {"csv_file", "fields", "models", "readable", "untrusted"},
    "check_csv": {
        "connection", "csv_file", "csv_report", "errors", "fields", "hiding", "identifiers", "insight",
        "readable", "records", "scan", "settings", "untrusted",
    },
    "export": {
        "client", "connection", "errors", "hiding", "models", "records", "settings",
    },
    "demo_steps": frozenset[str](),
    "demo": {"demo_steps", "readable", "settings"},
    "hosts": frozenset[str](),
    "diagnosis": {"language", "untrusted"},
    "probe": {"__init__", "diagnosis", "models", "records", "settings", "wire"},
    "doctor": {
        "__init__", "connection", "diagnosis", "errors", "hosts", "language", "models", "probe", "readable",
        "server", "settings",
    },
    "install": {"hosts", "language", "readable", "settings"},
    "options": {"settings"},
    "sandbox_command": {"sandbox"},
    "cli": {
        "__init__", "call", "check_csv", "definitions", "demo", "doctor", "export", "hosts", "install",
        "options", "sandbox_command", "server", "settings", "starting", "stdio",
    },
    "__main__": {"cli", "starting"},
    "sandbox": {"sandbox"},
}  # fmt: skip
"""Every module and the modules of ours that it may import."""

ROOMS = {
    "mcp": {
        "answers", "asking", "call", "completions", "definitions", "demo", "prompts", "resources", "server",
        "stdio", "tools", "view",
    },
    "httpx": {"client", "connection", "embedded", "probe", "retry", "server"},
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox_command"},
    "click": {
        "call", "check_csv", "cli", "demo", "doctor", "export", "install", "options", "readable",
        "sandbox_command",
    },
    "sqlite3": {"export", "sandbox"},
    "rapidfuzz": {"insight"},
}  # fmt: skip
"""Other people's packages and the modules that may import them."""

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


def test_every_module_has_its_place_in_the_map() -> None:
    assert {room(path) for path in MODULES} == ARROWS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_the_arrows_allow(path: Path) -> None:
    ours = [name.split(".")[1] for name in imported(path) if name.startswith(PACKAGE + ".")]
    allowed = ARROWS[room(path)]
    assert {"__init__" if name == "__version__" else name for name in ours} <= allowed | {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_library_is_imported_only_where_it_belongs(path: Path) -> None:
    used = {name.split(".")[0] for name in imported(path)}
    assert {library for library in used & ROOMS.keys() if room(path) not in ROOMS[library]} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_the_map_of_modules_in_contributing_names_every_module() -> None:
    text = (ROOT.parent / "CONTRIBUTING.md").read_text("utf-8")
    assert [name for name in sorted(ARROWS.keys() - {"__init__", "__main__"}) if f"`{name}" not in text] == []
