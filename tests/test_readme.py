"""The tables of README.md are written from the code: SNAPSHOTS=update pytest tests/test_readme.py."""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from faktoora_mcp import errors
from faktoora_mcp.settings import PREFIX, Settings
from faktoora_mcp.tools import TOOLS, CustomerTools

README = Path(__file__).parent.parent / "README.md"
TREE = re.compile(r"(\w+): (.+)")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head), *(tuple(row) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tools() -> str:
    """Name, whether it changes data, and the first sentence that agents read."""
    rows = ((f"`{name}`", kind(name), sentence(getattr(CustomerTools, name).__doc__)) for name in TOOLS)
    return table(("Tool", "Changes data", "What it does"), rows)


def kind(name: str) -> str:
    hints = TOOLS[name][1]
    return "no" if hints.read_only_hint else "**for good**" if name == "delete_customer" else "yes"


def sentence(doc: str) -> str:
    return " ".join(doc.partition("\n\n")[0].split())


def settings() -> str:
    rows = (
        (option(name), f"`{PREFIX}{name.upper()}`", str(field.description), default(field.default))
        for name, field in Settings.model_fields.items()
    )
    return table(("Option", "Variable", "Meaning", "Default"), rows)


def option(name: str) -> str:
    return "-" if name == "api_key" else f"`--{name.replace('_', '-')}`"


def default(value: object) -> str:
    return "-" if value in (None, ()) else f"`{json.dumps(value)}`".replace('"', "")


def failures() -> str:
    """Codes and meanings from the tree that errors.py draws."""
    meanings = [found.groups() for found in TREE.finditer(str(errors.__doc__))]
    return table(("Code", "What happened"), ((f"`{code}`", meaning) for code, meaning in meanings))


@pytest.mark.parametrize(("name", "made"), [("tools", tools), ("settings", settings), ("errors", failures)])
def test_the_table_is_what_the_code_says(name: str, made: object) -> None:
    assert callable(made)
    text = README.read_text("utf-8")
    block = re.compile(f"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
    now = block.sub(lambda found: f"{found[1]}{made()}\n{found[2]}", text)
    if "SNAPSHOTS" in os.environ:
        README.write_text(now, encoding="utf-8")
    assert README.read_text("utf-8") == now
