"""Figures side by side with their targets, as Markdown and JSON."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal, NamedTuple, Self

Unit = Literal["s", "MB", "calls/s", "B", "tokens"]
JUDGED = "ours"


def environment(*facts: str) -> str:
    """Where and when the figures were measured."""
    day = datetime.now(UTC).date()
    return ", ".join([str(day), f"Python {platform.python_version()}", *facts, f"{os.cpu_count()} CPUs"])


def packages(*names: str) -> Iterator[str]:
    """Each with its version."""
    return (f"{name} {version(name)}" for name in names)


def heading(*columns: str) -> str:
    """The first two lines of a Markdown table."""
    return line(*columns) + "|" + " --- |" * len(columns) + "\n"


def line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


def duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


class Bound(NamedTuple):
    """The upper or lower limit of a figure: a number, or a multiple of a contender's figure."""

    factor: float
    of: str | None = None
    least: bool = False

    def limit(self, values: Mapping[str, float]) -> float | None:
        """None if the contender to compare with is missing."""
        return (
            self.factor if self.of is None else self.factor * values[self.of] if self.of in values else None
        )

    def words(self, limit: float, unit: Unit) -> str:
        relation = f" ({self.factor:g} times {self.of})" if self.of else ""
        return f"{'≥' if self.least else '≤'} {shown(limit, unit)}{relation}"


class Row(NamedTuple):
    """One quantity of every contender that has it."""

    name: str
    unit: Unit
    values: dict[str, float]
    bound: Bound | None = None

    @property
    def limit(self) -> float | None:
        return self.bound.limit(self.values) if self.bound else None

    @property
    def missed(self) -> bool:
        if self.bound is None or self.limit is None:
            return False
        value = self.values[JUDGED]
        return value < self.limit if self.bound.least else value > self.limit


class Section(NamedTuple):
    title: str
    rows: list[Row]

    def unjudged(self) -> Self:
        return self._replace(rows=[row._replace(bound=None) for row in self.rows])


def shown(value: float, unit: Unit) -> str:
    match unit:
        case "s":
            return duration(value)
        case "MB":
            return f"{value:.1f} MB"
        case "calls/s":
            return f"{value:,.0f} /s"
        case "B":
            return f"{value:,.0f} B"
        case "tokens":
            return f"{value:,.0f}"


def markdown(sections: Iterable[Section], head: str, warnings: Iterable[str]) -> Iterator[str]:
    yield f"{head}\n\n"
    yield from (f"**{warning}**\n\n" for warning in warnings)
    for section in sections:
        yield from _table(section)


def _table(section: Section) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in section.rows for name in row.values))
    targets = ["target"] if any(row.bound for row in section.rows) else []
    yield heading(section.title, *names, *targets)
    for row in section.rows:
        cells = (shown(row.values[name], row.unit) if name in row.values else "" for name in names)
        yield line(row.name, *cells, *([_target(row)] if targets else []))
    yield "\n"


def _target(row: Row) -> str:
    if row.bound is None or row.limit is None:
        return ""
    return row.bound.words(row.limit, row.unit) + " MISSED" * row.missed


def figures(sections: Iterable[Section], head: str, warnings: Iterable[str]) -> dict[str, object]:
    """The same as JSON; seconds, MB and bytes are not rounded."""
    measures = [
        {"part": section.title, **row._asdict(), "bound": row.limit, "missed": row.missed}
        for section in sections
        for row in section.rows
    ]
    return {"environment": head, "warnings": [*warnings], "measures": measures}
