"""The problems of a file by kind: of 100,000 equal ones all rows are known, and the first in full."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .judging import CellFinding, Level

EXAMPLES = 20
"""Of each kind so many are kept with customer and text."""
_READY, _DOUBTFUL, _DUPLICATE, _WRONG = range(4)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful in a row, numbered as in a spreadsheet, and whom the row is about."""

    row: int
    customer: str
    found: CellFinding


@dataclass(slots=True)
class Kind:
    """Problems with one code, level and column. `rows` are all of them, `examples` the first in full."""

    level: Level
    code: str
    path: str
    column: str | None
    rows: "array[int]" = field(default_factory=lambda: array("L"))
    examples: list[Problem] = field(default_factory=list[Problem])

    def add(self, problem: Problem) -> None:
        self.rows.append(problem.row)
        if len(self.examples) < EXAMPLES:
            self.examples.append(problem)


@dataclass(slots=True)
class Problems:
    """All problems that were added, by kind."""

    _kinds: dict[tuple[str, str, str, str | None], Kind] = field(
        default_factory=dict[tuple[str, str, str, str | None], Kind]
    )

    def add(self, row: int, customer: str, findings: Iterable[CellFinding]) -> None:
        for one in findings:
            code, path = one.finding.code, one.finding.path
            key = (one.level, code, path, one.column)
            kind = self._kinds.setdefault(key, Kind(one.level, code, path, one.column))
            kind.add(Problem(row, customer, one))

    def of(self, level: Level) -> list[Kind]:
        """The kinds of a level, by their first rows."""
        return sorted((kind for kind in self if kind.level == level), key=lambda kind: min(kind.rows))

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())


@dataclass(slots=True)
class Tally:
    """How many rows are ready, each counted once by its worst problem; one byte a row."""

    _worst: bytearray = field(default_factory=bytearray)
    _rows: int = 0

    def row(self, number: int) -> None:
        self._rows += 1
        self._worst.extend(bytes(max(0, number + 1 - len(self._worst))))

    def mark(self, problems: Iterable[Kind], duplicates: Iterable[int]) -> dict[str, int]:
        """The counts, given all problems and the rows that are duplicates; the headers are no row."""
        worst = bytearray(self._worst)
        for kind in problems:
            for number in kind.rows:
                _raise(worst, number, _WRONG if kind.level == "error" else _DOUBTFUL)
        for number in duplicates:
            _raise(worst, number, _DUPLICATE)
        kinds = {
            "withErrors": worst.count(_WRONG),
            "duplicates": worst.count(_DUPLICATE),
            "doubtful": worst.count(_DOUBTFUL),
        }
        return {"total": self._rows, "ready": self._rows - sum(kinds.values()), **kinds}


def _raise(worst: bytearray, number: int, to: int) -> None:
    worst[number] = max(worst[number], to)
