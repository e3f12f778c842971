"""The error tree: its drawing matches the classes, codes are distinct, and all errors have one JSON form."""

import re
from collections.abc import Iterator
from typing import cast

import pytest

from faktoora_mcp import errors
from faktoora_mcp.errors import (
    Correctable,
    FaktooraError,
    Fault,
    InvalidInput,
    NotCreated,
    RateLimited,
    Refused,
    StateUnavailable,
)

BRANCH = re.compile(r"(?P<indent>[│ ]*)[├└]── (?P<name>\w+)(?: +(?P<code>[a-z_]+):)?")


def subclasses(root: type[FaktooraError]) -> Iterator[type[FaktooraError]]:
    for child in root.__subclasses__():
        yield child
        yield from subclasses(child)


def drawn() -> dict[str, tuple[str, str | None]]:
    """Parent and code of every class in the docstring's drawing."""
    path, found = ["FaktooraError"], dict[str, tuple[str, str | None]]()
    for branch in BRANCH.finditer(errors.__doc__ or ""):
        del path[len(branch["indent"]) // 4 + 1 :]
        found[branch["name"]] = (path[-1], branch["code"])
        path.append(branch["name"])
    return found


CLASSES = sorted(subclasses(FaktooraError), key=lambda cls: cls.__name__)
CONCRETE = [cls for cls in CLASSES if "code" in vars(cls)]


def test_the_drawing_shows_exactly_the_classes_and_codes_that_exist() -> None:
    real = {cls.__name__: (cls.__bases__[0].__name__, vars(cls).get("code")) for cls in CLASSES}
    assert drawn() == real


def test_no_two_classes_have_the_same_code_of_their_own() -> None:
    own = [vars(cls)["code"] for cls in CLASSES if "code" in vars(cls)]
    assert len({*own}) == len(own)
    assert {cls.code for cls in CONCRETE} == {*own}


@pytest.mark.parametrize("cls", CONCRETE)
def test_every_error_has_code_message_retryable_and_next_in_this_order(cls: type[FaktooraError]) -> None:
    error = cls("It happened.", advice="Do this.")
    expected = [
        ("code", cls.code),
        ("message", "It happened."),
        ("retryable", issubclass(cls, Fault)),
        ("next", "Do this."),
    ]
    assert list(error.envelope()) == ["error"]
    assert list(_inner(error).items()) == expected


def test_fields_come_after_the_message_and_details_at_the_end() -> None:
    error = InvalidInput(
        "Wrong.", advice="Correct it.", fields={"city": "is blank"}, candidates=[{"id": "1"}]
    )
    assert list(_inner(error).items()) == [
        ("code", "invalid_input"),
        ("message", "Wrong."),
        ("fields", {"city": "is blank"}),
        ("retryable", False),
        ("next", "Correct it."),
        ("candidates", [{"id": "1"}]),
    ]


def test_the_text_of_an_error_is_its_message() -> None:
    assert str(InvalidInput("Wrong.", advice="Correct it.")) == "Wrong."


def test_a_fault_may_have_been_carried_out_unless_it_was_never_sent() -> None:
    settled = (NotCreated, RateLimited, StateUnavailable)
    faults = [cls for cls in CONCRETE if issubclass(cls, Fault) and cls not in settled]
    assert {cls("", advice="").lost for cls in faults} == {True}
    assert {cls("", advice="", sent=False).lost for cls in faults} == {False}


def test_a_rate_limited_request_was_not_carried_out() -> None:
    assert not RateLimited("", advice="", retry_after_s=1.0).lost


def test_a_creation_that_a_search_does_not_find_was_not_carried_out() -> None:
    assert not NotCreated("", advice="").lost


@pytest.mark.parametrize("cls", [cls for cls in CONCRETE if issubclass(cls, (Correctable, Refused))])
def test_an_error_that_needs_a_change_first_is_not_retryable(cls: type[FaktooraError]) -> None:
    assert not cls("", advice="").retryable


def _inner(error: FaktooraError) -> dict[str, object]:
    return cast("dict[str, object]", error.envelope()["error"])
