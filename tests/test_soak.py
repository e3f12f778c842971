"""The soak run judges by what was claimed: it has to see what is wrong."""

from collections.abc import Mapping

import pytest

from benchmarks.claims import Claim, disagreements


def created(tag: str = "a", error: str = "") -> Claim:
    claim = Claim(tag)
    claim.created(error, "1")
    return claim


def record(tag: str = "a", note: str | None = None) -> dict[str, str | None]:
    return {"id": "1", "category": tag, "note": note}


def updated(error: str = "") -> Claim:
    claim = created()
    claim.updated("first", "")
    claim.updated("second", error)
    return claim


def first_updated() -> Claim:
    claim = created()
    claim.updated("first", "outcome_unknown")
    return claim


def deleted(error: str = "") -> Claim:
    claim = created()
    claim.deleted(error)
    return claim


Cases = dict[str, tuple[Claim, list[Mapping[str, str | None]]]]
WRONG: Cases = {
    "a created customer is missing": (created(), []),
    "it is there twice": (created(), [record(), record()]),
    "one that was not created is there": (created(error="not_created"), [record()]),
    "it has another note": (updated(), [record(note="first")]),
    "a deleted customer is there": (deleted(), [record()]),
}
RIGHT: Cases = {
    "a created customer": (created(), [record()]),
    "one of unknown outcome, there": (created(error="outcome_unknown"), [record()]),
    "one of unknown outcome, missing": (created(error="outcome_unknown"), []),
    "an update of unknown outcome, done": (updated("outcome_unknown"), [record(note="second")]),
    "an update of unknown outcome, not done": (updated("outcome_unknown"), [record(note="first")]),
    "a first update of unknown outcome, not done": (first_updated(), [record()]),
    "a deletion of unknown outcome": (deleted("outcome_unknown"), []),
    "a refused deletion": (deleted("conflict"), [record()]),
}


@pytest.mark.parametrize(("claim", "stored"), WRONG.values(), ids=WRONG)
def test_a_claim_that_is_not_true_is_told(claim: Claim, stored: list[Mapping[str, str | None]]) -> None:
    assert len(disagreements([claim], stored)) == 1


@pytest.mark.parametrize(("claim", "stored"), RIGHT.values(), ids=RIGHT)
def test_a_claim_that_is_true_or_left_open_is_not_told(
    claim: Claim, stored: list[Mapping[str, str | None]]
) -> None:
    assert disagreements([claim], stored) == []
