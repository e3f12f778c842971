"""Texts are compared by how they may be spelled: ü as ü, u or ue, so that Bauer and Baur stay two names."""

import re
from collections.abc import Callable

from .normalization import spelling

_OPTIONAL = re.compile("[A-Z]")
Fit = Callable[[str], bool]


def contains(part: str) -> Fit:
    """Whether a text contains the part in one of its spellings."""
    return _fit(part, anywhere=True)


def starts_with(part: str) -> Fit:
    """Whether a text starts with the part in one of its spellings."""
    return _fit(part, anywhere=False)


def ends_with(part: str) -> Fit:
    """Whether a text ends with the part in one of its spellings."""
    return _fit(part, anywhere=False, read=lambda text: spelling(text)[::-1])


def _fit(part: str, *, anywhere: bool, read: Callable[[str], str] = spelling) -> Fit:
    sought = read(part)
    whole = _automaton(sought, anywhere=anywhere)
    if _OPTIONAL.search(sought):
        return lambda text: whole(read(text))

    def fits(text: str) -> bool:
        found = read(text)
        if _OPTIONAL.search(found):
            return whole(found)
        return sought in found if anywhere else found.startswith(sought)

    return fits


def _automaton(sought: str, *, anywhere: bool) -> Fit:
    """Reads a spelling letter by letter; bit n of `reached`: the first n letters sought were found.

    Both sides may leave letters out. The time is proportional to the length, whatever the text is.
    """
    places: dict[str, int] = {}
    for place, letter in enumerate(sought.lower()):
        places[letter] = places.get(letter, 0) | 1 << place
    optional = sum(1 << match.start() for match in _OPTIONAL.finditer(sought))
    end = 1 << len(sought)

    def reach(reached: int) -> int:
        return reached | (reached & optional) << 1

    start = reach(1)

    def fits(spelled: str) -> bool:
        reached = start
        for letter in spelled:
            if reached & end:
                return True
            after = reach((reached & places.get(letter.lower(), 0)) << 1)
            reached = after | (reached if "A" <= letter <= "Z" else start if anywhere else 0)
        return bool(reached & end)

    return fits
