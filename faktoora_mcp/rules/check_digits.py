"""Check digits by python-stdnum, and the forms of numbers that name the check they end with."""

import importlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, cast

Outcome = Literal["fine", "checksum", "form"]
_CHECK = re.compile(r"(=?)([a-z0-9_.]+)(?:\[([0-9]*):([0-9]*)\])?")


def check(module: str, number: str) -> Outcome:
    """Check a number by a module of python-stdnum; on short input some raise a LookupError."""
    from stdnum.exceptions import InvalidChecksum

    validate = cast("Callable[[str], str]", importlib.import_module(f"stdnum.{module}").validate)
    try:
        validate(number)
    except InvalidChecksum:
        return "checksum"
    except (ValueError, LookupError):
        return "form"
    return "fine"


@dataclass(frozen=True, slots=True)
class Form:
    """`pattern` is for the whole value, `rule` says it in words.

    `checks` are modules of python-stdnum of which one has to agree, separated by `|`: `sg.uen[5:]` checks a
    part of the value, `=lt.pvm` only whether the last digit is the check digit of the others.
    """

    pattern: str
    checks: str
    rule: str

    @classmethod
    def read(cls, row: str) -> "Form":
        """A row of a table: pattern, checks (`-` for none), rule."""
        pattern, checks, rule = row.split(None, 2)
        return cls(pattern, checks.strip("-"), rule)

    def outcome(self, value: str) -> Outcome:
        """The verdict on an upper-case value."""
        if not re.fullmatch(self.pattern, value, re.IGNORECASE | re.ASCII):
            return "form"
        return best(_one(each, value) for each in self.checks.split("|")) if self.checks else "fine"


def best(outcomes: Iterable[Outcome]) -> Outcome:
    """The verdict of several checks of which one has to agree."""
    found = set(outcomes)
    return "fine" if "fine" in found else "checksum" if "checksum" in found else "form"


def _one(spec: str, value: str) -> Outcome:
    last_only, module, start, end = cast("re.Match[str]", _CHECK.fullmatch(spec)).groups()
    part = value[int(start or 0) : int(end) if end else None]
    return _last_digit(module, part) if last_only else check(module, part)


def _last_digit(module: str, number: str) -> Outcome:
    digit = cast("Callable[[str], str]", importlib.import_module(f"stdnum.{module}").calc_check_digit)
    return "fine" if digit(number[:-1]) == number[-1:] else "checksum"
