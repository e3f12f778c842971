"""Whether a customer satisfies conditions, and the API search that narrows them down."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.identity_fields import SEARCHABLE

from .comparison import CODES, WHOLE_KEYWORDS, last_moment, moment, reading
from .conditions import PARTS, Condition, Op
from .normalization import cased
from .paths import text, values, verdicts

Test = Callable[[Customer], bool]

DISPLAY_NAME = ("name", "firstName", "lastName")
KEYWORD_CHARS = 4
"""Shorter runs of letters narrow too little, and whether they are searched cannot be proven."""
_OPPOSITES: dict[Op, Op] = {"ne": "eq", "missing": "present"}
_DOUBTFUL = "f+[il]?|s+t?|k|[aou]e"
_UNSURE = re.compile(f".?[^ -~]+(?:{_DOUBTFUL}|.)?|{_DOUBTFUL}|[^a-z0-9]")
"""Letters that a record may spell differently (ß, ligatures, accents), and search operators."""


def matcher(conditions: Iterable[Condition]) -> Test:
    """A test that a customer passes if all conditions hold."""
    tests = [_test(condition.field, condition.op, condition.wanted) for condition in conditions]
    return lambda customer: all(test(customer) for test in tests)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A query that still finds every customer who satisfies a condition, if the API searches its field."""

    field: str
    query: CustomerQuery

    @property
    def searched(self) -> tuple[str, ...]:
        """The fields that have to be searched: a display name may be first and last name."""
        return DISPLAY_NAME if self.field == "name" else (self.field,)


def narrowings(conditions: Iterable[Condition]) -> list[Narrowing]:
    """What the conditions can be narrowed by, the most selective first.

    Of an e-mail, a postcode or a customer number the whole value is the keyword. How the API folds letters is
    unknown, so of other fields it is the longest run of letters and digits that every such record contains
    unchanged. Parts of words give none, because any letter may have an accent in the record.
    """
    found = [narrowing for condition in conditions for narrowing in _narrowing(condition)]
    return sorted(found, key=lambda narrowing: (_rank(narrowing.field), -_length(narrowing.query)))


def _narrowing(condition: Condition) -> Iterator[Narrowing]:
    single = condition.op in ("eq", "in") and len(condition.wanted) == 1
    if condition.field == "category" and single:
        yield Narrowing("category", CustomerQuery(category=condition.wanted[0]))
    elif condition.field in WHOLE_KEYWORDS and single:
        if len(whole := condition.wanted[0].strip()) >= KEYWORD_CHARS:
            yield Narrowing(condition.field, CustomerQuery(keywords=(whole,)))
    elif runs := _sure_runs(condition):
        yield Narrowing(condition.field, CustomerQuery(keywords=(max(runs, key=len),)))


def _rank(field: str) -> int:
    return WHOLE_KEYWORDS.index(field) if field in WHOLE_KEYWORDS else len(WHOLE_KEYWORDS)


def _length(query: CustomerQuery) -> int:
    return len(query.keywords[0] if query.keywords else query.category or "")


def _test(field: str, op: Op, wanted: tuple[str, ...]) -> Test:
    if opposite := _OPPOSITES.get(op):
        holds = _test(field, opposite, wanted)
        return lambda customer: not holds(customer)
    if op == "present":
        return lambda customer: bool(values(customer, field))
    if op == "invalid":
        return lambda customer: any(verdict.error for verdict in verdicts(customer, field))
    fits = _fit(field, op, wanted)
    return lambda customer: any(fits(text(value)) for value in values(customer, field))


def _fit(field: str, op: Op, wanted: tuple[str, ...]) -> Callable[[str], bool]:
    read = reading(field, part=op in PARTS)
    sought = [read(one) for one in wanted]
    match op:
        case "contains":
            return lambda found: sought[0] in read(found)
        case "starts_with":
            return lambda found: read(found).startswith(sought[0])
        case "before" | "after":
            return _when(op, wanted[0])
        case _:
            several = frozenset(sought)
            return lambda found: read(found) in several


def _when(op: Op, wanted: str) -> Callable[[str], bool]:
    """The day of a date is neither before nor after it; other text is neither."""
    limit = moment(wanted) if op == "before" else last_moment(wanted)

    def fits(found: str) -> bool:
        value = moment(found)
        if value is None or limit is None:
            return False
        return value < limit if op == "before" else value > limit

    return fits


def _sure_runs(condition: Condition) -> list[str]:
    whole = condition.op in ("eq", "in") and len(condition.wanted) == 1
    part = condition.op in PARTS and condition.field in CODES
    if condition.field not in SEARCHABLE or not (whole or part):
        return []
    return [run for run in _UNSURE.split(cased(condition.wanted[0])) if len(run) >= KEYWORD_CHARS]
