"""What the tests of README.md and docs/ share: tables, fenced blocks, text that is written from code."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faktoora_mcp.server.tools import TOOLS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FIRST_PAGES = (README, ROOT / "README.de.md")
PAGES = (*FIRST_PAGES, *sorted((ROOT / "docs").glob("*.md")))
FOR_GOOD = ("delete_customer", "merge_customers")
FENCED = re.compile(
    r"^(?:<!-- (?:(?P<mark>\w+)|not run: (?P<reason>[^>]+)) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, with the name that a comment above it may give it, or the reason why it is not run."""

    language: str
    mark: str | None
    text: str
    reason: str | None = None


def blocks(path: Path, language: str | None = None) -> list[Block]:
    """The fenced blocks of a document in their order, of one language or all."""
    found = FENCED.finditer(path.read_text("utf-8"))
    every = [Block(match["language"], match["mark"], match["text"], match["reason"]) for match in found]
    return [block for block in every if language in (None, block.language)]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head), *(tuple(row) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def kind(tool: str) -> str:
    """Whether a tool changes data."""
    hints = TOOLS[tool][1]
    return "no" if hints.read_only_hint else "**for good**" if tool in FOR_GOOD else "yes"


def with_block(path: Path, name: str, text: str) -> str:
    """The document with this text between the two comments that name the block."""
    block = re.compile(f"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
    return block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", path.read_text("utf-8"))


def written(path: Path, now: str) -> str:
    """What stands in the file, which SNAPSHOTS=update sets to what the code says now."""
    if "SNAPSHOTS" in os.environ:
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    return path.read_text("utf-8") if path.exists() else ""
