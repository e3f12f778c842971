"""The tenant's sequence of customer numbers: the form of a number and the next free one."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

_FORM = re.compile(r"(?s)(.*?)([0-9]{1,18})")


class NumberForm(NamedTuple):
    prefix: str
    width: int
    value: int

    def __str__(self) -> str:
        return f"{self.prefix}{self.value:0{self.width}d}"


NO_NUMBER = NumberForm("", 3, 0)


def form_of(number: str) -> NumberForm | None:
    """`CUST-0042` has the prefix `CUST-`, the width 4 and the value 42. None if it does not end in digits."""
    match = _FORM.fullmatch(number)
    return NumberForm(match[1], len(match[2]), int(match[2])) if match else None


def highest(width: int, highest_by_width: Mapping[int, int]) -> int:
    """The highest value of a sequence padded to `width`; wider numbers count if they outgrew the padding."""
    outgrown = (top for other, top in highest_by_width.items() if other > width and top >= 10 ** (other - 1))
    return max(highest_by_width[width], *outgrown, 0)


def next_free(last: NumberForm, taken: Callable[[str], bool]) -> str:
    following = last._replace(value=last.value + 1)
    while taken(str(following)):
        following = following._replace(value=following.value + 1)
    return str(following)
