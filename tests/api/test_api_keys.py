"""The keys of an account: read in any form, and which of them is ours only where that is certain."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.api_keys import ApiKey, ApiKeys, Expiry

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
KEY = "fk_live_4711abcd9876"
Row = dict[str, JsonValue]


def row(**given: JsonValue) -> Row:
    return {"name": "Buchhaltung", "status": "active", "expiresAt": "2027-06-01T00:00:00.000Z"} | given


def current(*rows: JsonValue) -> str | None:
    """The name of the entry that is taken for ours."""
    found = ApiKeys.read([*rows]).current(KEY)
    return found and found.name


@pytest.mark.parametrize(
    "body",
    [
        [row()],
        {"data": [row()], "meta": {"totalItems": 1}},
        {"results": [row()], "pagination": {"rowCount": 1}},
        {"data": [row()]},
    ],
    ids=["bare", "data", "results", "no total"],
)
def test_every_envelope_is_read(body: JsonValue) -> None:
    key = ApiKey("Buchhaltung", "active", datetime(2027, 6, 1, tzinfo=UTC))
    assert ApiKeys.read(body) == ApiKeys((key,), complete=True)


@pytest.mark.parametrize("body", [None, {}, {"keys": []}, "fk_a"])
def test_anything_else_is_refused(body: JsonValue) -> None:
    with pytest.raises(ValueError, match="bare array"):
        ApiKeys.read(body)


@pytest.mark.parametrize("time", [None, 7, "", "soon", [], "2027-13-01"])
def test_an_unreadable_time_counts_as_unknown(time: JsonValue) -> None:
    assert ApiKey.read(row(expiresAt=time)).expires_at is None


def test_a_name_may_be_called_label() -> None:
    assert ApiKey.read({"label": "ERP"}).name == "ERP"


def test_a_key_of_which_nothing_is_known_is_read() -> None:
    assert ApiKey.read({"status": 3, "name": None, "prefix": []}) == ApiKey(None, "", None)


def test_the_only_key_that_has_not_ended_is_ours() -> None:
    assert (
        current(row(name="old", status="expired"), row(), row(name="lost", status="revoked")) == "Buchhaltung"
    )


@pytest.mark.parametrize("status", ["active", "Expiring soon", "rotated", ""])
def test_of_two_keys_that_may_work_none_is_taken_for_ours(status: str) -> None:
    assert current(row(), row(name="other", status=status)) is None


@pytest.mark.parametrize(
    "visible",
    [
        {"prefix": "fk_live_4711"},
        {"keyPrefix": "fk_live_4711…"},
        {"suffix": "9876"},
        {"lastFour": "9876"},
        {"maskedKey": "fk_l••••••9876"},
        {"key": "fk_live_4711****"},
        {"preview": "...9876"},
    ],
)
def test_a_visible_part_tells_which_key_is_ours(visible: Row) -> None:
    assert current(row(), row(name="ours") | visible, row(name="third")) == "ours"


@pytest.mark.parametrize(
    "visible",
    [
        {"prefix": "fk_"},
        {"suffix": "876"},
        {"maskedKey": "fk_a••••••9876"},
        {"maskedKey": "fk_l••••••0000"},
        {"prefix": "fk_live_0815"},
        {"key": "fk_live_4711abcd9876-and-more"},
        {"createdBy": "fk_live_4711"},
    ],
)
def test_a_visible_part_that_is_short_or_does_not_fit_tells_nothing(visible: Row) -> None:
    assert current(row(), row(name="ours?") | visible) is None


def test_a_visible_part_that_two_keys_share_tells_nothing() -> None:
    assert current(row(prefix="fk_live_"), row(name="other", prefix="fk_live_")) is None


def test_the_only_usable_key_is_not_ours_if_its_visible_part_is_not() -> None:
    assert current(row(prefix="pk")) is None


def test_an_ended_key_is_ours_if_its_visible_part_is() -> None:
    assert current(row(name="a"), row(name="b"), row(name="ours", status="expired", suffix="9876")) == "ours"


def test_a_list_that_may_go_on_tells_nothing() -> None:
    assert ApiKeys.read({"data": [row()], "meta": {"totalItems": 2}}).current(KEY) is None
    assert ApiKeys.read([row()], "2").current(KEY) is None
    ended: list[JsonValue] = [row(status="revoked")] * 19
    assert ApiKeys.read([row(), *ended]).current(KEY) is None
    assert ApiKeys.read([row(), *ended], "20").current(KEY) is not None


def test_a_list_with_an_unreadable_entry_tells_nothing() -> None:
    assert current(row(), "fk_live") is None


@pytest.mark.parametrize(
    ("status", "left", "expiry"),
    [
        ("active", timedelta(days=8), "later"),
        ("active", timedelta(days=7), "soon"),
        ("expiring_soon", timedelta(days=8), "soon"),
        ("active", timedelta(), "expired"),
        ("expired", timedelta(days=8), "expired"),
        ("active", None, None),
        ("expiring_soon", None, "soon"),
    ],
)
def test_the_expiry_is_told_by_status_and_time(
    status: str, left: timedelta | None, expiry: Expiry | None
) -> None:
    assert ApiKey(None, status, NOW + left if left is not None else None).expiry(NOW) == expiry
