"""The answer to one change for many customers: every customer is named once, whatever it takes it fits."""

import json
from collections.abc import Sequence

import pytest
from pydantic_core import to_json

from faktoora_mcp.answers.many import INCOMPLETE, CustomersUpdated
from faktoora_mcp.api.many_outcomes import BulkPreview, Failed, ManyUpdated, Stop
from faktoora_mcp.api.outcomes import Pairs, Record, Updated
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, FaktooraError, InvalidInput, OutcomeUnknown, WriteLimit
from faktoora_mcp.rules.findings import found
from faktoora_mcp.rules.validation import Review
from faktoora_mcp.settings import ANSWER_BYTES, UNDO_BYTES

REVIEW = Review({}, {}, [], {})
CITY: Pairs = {"city": ("Muenchen", "München")}
UUID = "{:08x}-0000-4000-8000-000000000000"


def updated(place: int, changed: Pairs = CITY, **more: object) -> Updated:
    record: Record = {"id": UUID.format(place), "customerId": f"K-{place}", "name": f"Firma {place}"}
    undo: Record = {name: old for name, (old, _) in changed.items()}
    return Updated(Customer(record | dict.fromkeys(more)), REVIEW, changed, undo=undo)


def preview(updates: Sequence[Updated] = (), **more: object) -> BulkPreview:
    return BulkPreview(matched=len(updates), unchanged=0, updates=tuple(updates), **more)  # pyright: ignore[reportArgumentType] (any of its fields)


def customers(group: Record) -> int:
    ids = group["ids"]
    assert isinstance(ids, list)
    total = group.get("customers", len(ids))
    assert isinstance(total, int)
    return total


def made(  # noqa: PLR0913 (an outcome has as many parts)
    done: Sequence[Updated] = (),
    *,
    failed: Sequence[Failed] = (),
    unknown: Sequence[Failed] = (),
    left: Sequence[str] = (),
    stopped: Stop | None = None,
    refusal: FaktooraError | None = None,
) -> ManyUpdated:
    undo: dict[str, Record] = {}
    for one in done:
        call = undo.setdefault(json.dumps(one.undo), {"ids": [], "changes": one.undo})
        ids = call["ids"]
        assert isinstance(ids, list)
        ids.append(one.customer.id)
    calls = tuple(call for call in undo.values() if call["changes"])
    return ManyUpdated(
        preview([*done, updated(999_999)]), tuple(done), tuple(failed), tuple(unknown), tuple(left), stopped,
        refusal, calls, None,
    )  # fmt: skip


def failed(places: Sequence[int], reason: str = "no") -> list[Failed]:
    return [Failed(UUID.format(place), Conflict(reason.format(place), advice="")) for place in places]


def size(answer: CustomersUpdated) -> int:
    return len(to_json(answer.as_json()))


class TestWhatWouldHappen:
    def test_customers_are_grouped_by_what_would_change_the_most_frequent_first(self) -> None:
        other: Pairs = {"city": ("Muenchen ", "München")}
        answer = CustomersUpdated.shown(preview([updated(0, other), *map(updated, range(1, 6))]))
        differences = answer.differences or []
        assert [(one["changed"], one["customers"]) for one in differences] == [
            ({"city": ["Muenchen", "München"]}, 5),
            ({"city": ["Muenchen ", "München"]}, 1),
        ]
        assert differences[0]["examples"] == [
            {"customerId": f"K-{place}", "name": f"Firma {place}"} for place in (1, 2, 3)
        ]

    def test_hidden_values_are_in_one_group_that_tells_none(self) -> None:
        updates = [updated(place, {"city": (f"Ort {place}", "Kiel")}) for place in range(5)]
        answer = CustomersUpdated.shown(preview(updates), frozenset({"city", "name"}))
        (only,) = answer.differences or []
        assert only["customers"] == 5
        assert not [word for word in ("Ort", "Firma", "Kiel") if word in json.dumps(only)]

    @pytest.mark.parametrize("length", [10, 5_000])
    def test_thousands_of_different_ones_fit(self, length: int) -> None:
        updates = [
            updated(place, {"note": (f"{place} {'x' * length}", "neu"), "city": (f"{place}", "Kiel")})
            for place in range(2_000)
        ]
        wrong = [
            Failed(UUID.format(place), InvalidInput("no", advice="", fields={"postcode": found("required")}))
            for place in range(2_000)
        ]
        answer = CustomersUpdated.shown(preview(updates, refused=tuple(wrong)))
        assert size(answer) <= ANSWER_BYTES
        assert answer.differencesTotal == 2_000
        (group,) = answer.wouldFail or []
        assert (group["reason"], group["customers"]) == ("postcode: is required and cannot be cleared", 2_000)

    def test_what_was_not_read_is_said_and_nothing_can_be_confirmed(self) -> None:
        answer = CustomersUpdated.shown(preview([updated(1)], incomplete="time ran out"))
        assert (answer.incomplete, answer.confirm) == ("time ran out", None)
        assert answer.note == INCOMPLETE


class TestWhatBecameOfThem:
    def test_everyone_is_named_once(self) -> None:
        answer = CustomersUpdated.of(
            made(
                [updated(0), updated(1, {}), updated(2)],
                failed=failed([3, 4]),
                unknown=[Failed(UUID.format(5), OutcomeUnknown("lost", advice=""))],
                left=[UUID.format(6)],
                stopped="unknown",
            )
        )
        assert answer.as_json() == {
            "outcome": "stopped",
            "matched": 4,
            "changed": 2,
            "asBefore": 1,
            "failed": [{"reason": "no", "ids": [UUID.format(3), UUID.format(4)]}],
            "unknown": [{"reason": "lost", "ids": [UUID.format(5)]}],
            "asBeforeIds": [UUID.format(1)],
            "left": [UUID.format(6)],
            "stopped": "The outcome of one change is unknown; look at that customer first.",
            "undo": [{"ids": [UUID.format(0), UUID.format(2)], "changes": {"city": "Muenchen"}}],
        }

    def test_what_the_api_kept_is_no_success(self) -> None:
        kept = Updated(updated(1).customer, REVIEW, ignored={"city": ("München", "Muenchen")})
        answer = CustomersUpdated.of(made([kept]))
        (group,) = answer.failed or []
        assert (answer.changed, group["reason"]) == (0, "sent, but the API kept the old value: city")

    def test_by_which_limit_no_more_changes_are_allowed_is_said(self) -> None:
        answer = CustomersUpdated.of(made(left=["a"], stopped="refused", refusal=WriteLimit("3", advice="")))
        assert answer.stopped == "No more changes are allowed: 3"

    @pytest.mark.parametrize("reason", ["no", "no {}", "no {} " + "x" * 500])
    def test_whatever_fails_and_is_left_fits_beside_the_largest_undo(self, reason: str) -> None:
        count = UNDO_BYTES // 45
        done = [updated(place) for place in range(count)]
        ids = [UUID.format(place) for place in range(100_000, 110_000)]
        answer = CustomersUpdated.of(made(done, failed=failed(range(200_000, 201_000), reason), left=ids))
        assert size(answer) <= ANSWER_BYTES
        assert (answer.changed, answer.leftTotal) == (count, 10_000)
        groups = answer.failed or []
        assert (
            sum(int(str(group.get("customers", len(str(group["ids"]).split(","))))) for group in groups)
            == 1_000
        )

    def test_invisible_characters_leave_the_undo_and_a_warning_says_so(self) -> None:
        answer = CustomersUpdated.of(made([updated(0, {"city": ("Muen\u200bchen", "München")})]))
        assert answer.undo == [{"ids": [UUID.format(0)], "changes": {"city": "Muenchen"}}]
        assert answer.warnings == ["city: undo has it without invisible characters"]
