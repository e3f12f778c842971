"""Locks on identities: exclusive keys, notes that expire, and which creations share a key."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

import anyio
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Busy
from faktoora_mcp.insight.duplicates import duplicates_of
from faktoora_mcp.writes.locks import LocalLocks, creation_keys
from tests.writes.scripts import ACME

pytestmark = pytest.mark.anyio
EQUAL_SCORE = 92
"""From here on ids, names or e-mails are equal; below they are similar."""
PERSON: dict[str, JsonValue] = {
    "isCompany": False,
    "firstName": "Erika",
    "lastName": "Muster",
    "postcode": "10115",
}
NAMES = ["Müller & Söhne GmbH", "Söhne Müller", "Mueller Soehne AG", "Müller-Söhne", "Müllersöhne", "Bau Ost"]
BODIES = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)},
    optional={
        "isCompany": st.booleans(),
        "firstName": st.just("Erika"),
        "lastName": st.sampled_from(["Muster", "Bau"]),
        "postcode": st.sampled_from(["10115", " 10 115", "20095"]),
        "city": st.sampled_from(["Berlin", "BERLIN ", "Köln", "Koeln"]),
        "email": st.sampled_from(["a@firma.de", "A@FIRMA.de", "kaputt"]),
        "vatId": st.sampled_from(["DE123456789", "de 123456789"]),
        "customerId": st.sampled_from(["K-1", "k-1", "K1"]),
    },
)


class TestHold:
    async def test_who_needs_a_key_waits_until_it_is_free(self) -> None:
        assert await ends(["a", "b"], ["b", "c"]) == [10, 20]

    async def test_others_do_not_wait(self) -> None:
        assert await ends(["a", "b"], ["c", "d"]) == [10, 10]

    async def test_keys_in_another_order_never_block_each_other(self) -> None:
        assert await ends(["a", "b", "c"], ["c", "b", "a"], ["b", "c"]) == [10, 20, 30]

    async def test_a_key_that_is_named_twice_is_taken_once(self) -> None:
        assert await ends(["a", "a"]) == [10]

    async def test_who_waits_too_long_is_told_that_nothing_was_sent(self) -> None:
        locks = LocalLocks()
        async with held(locks, ["a"]):
            with pytest.raises(Busy, match="for more than 7 s; nothing was sent") as caught:
                async with locks.hold(["a"], 7):
                    pass
            assert anyio.current_time() == pytest.approx(7, abs=0.1)
        assert (caught.value.retryable, caught.value.lost) == (True, False)

    async def test_who_waits_too_long_or_gives_up_keeps_nothing(self) -> None:
        locks = LocalLocks()
        async with held(locks, ["b"]):
            with pytest.raises(Busy):
                async with locks.hold(["a", "b"], 1):
                    pass
            with anyio.move_on_after(1):
                async with locks.hold(["a", "b"], 9):
                    pass
            async with held(locks, ["a"]):
                pass
        async with held(locks, ["a", "b"]):
            pass

    async def test_a_failure_frees_the_keys(self) -> None:
        locks = LocalLocks()
        with pytest.raises(LookupError):
            async with locks.hold(["a"], 1):
                raise LookupError
        async with held(locks, ["a"]):
            pass


class TestNotes:
    async def test_a_note_lasts_for_its_seconds(self) -> None:
        locks = LocalLocks()
        await locks.note(["a", "b"], "sent", 120)
        await anyio.sleep(50)
        assert await locks.noted(["c", "b"]) == ("sent", pytest.approx(70, abs=0.1))
        await anyio.sleep(70)
        assert await locks.noted(["a", "b"]) is None

    async def test_of_several_notes_the_one_that_lasts_longest_counts(self) -> None:
        locks = LocalLocks()
        for key, seconds in (("a", 60), ("b", 120), ("c", 90)):
            await locks.note([key], key, seconds)
        assert await locks.noted(["a", "b", "c"]) == ("b", pytest.approx(120, abs=0.1))

    async def test_a_key_without_a_note_has_none(self) -> None:
        locks = LocalLocks()
        await locks.note(["a"], "sent", 120)
        assert await locks.noted(["b"]) is None


class TestKeys:
    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"name": "ACME  KG", "city": "Köln"},
            {"name": "Acme GmbH & Co. KG", "postcode": "20095"},
            {"name": "Other AG", "email": "BILLING@acme.example.com "},
            *[
                {"name": "Other AG", "email": None, name: value}
                for name, value in (
                    ("customerId", "K-1"),
                    ("vatId", "DE 123 456 789"),
                    ("taxId", "29/815/08152"),
                    ("glnId", "4006381333931"),
                    ("dunsId", "31-505-6389"),
                    ("peppolId", "0204:991-1234512345-06"),
                )
            ],
        ],
    )
    def test_creations_with_an_equal_identity_share_a_key(self, other: dict[str, JsonValue]) -> None:
        ids: dict[str, JsonValue] = {
            "customerId": "K-1",
            "vatId": "DE123456789",
            "taxId": "29 815 08152",
            "glnId": "4006381333931",
            "dunsId": "315056389",
            "peppolId": "0204:991-1234512345-06",
        }
        assert keys(ACME | ids) & keys(ACME | other)

    @pytest.mark.parametrize(
        "other",
        [
            {"name": "Other AG", "email": "o@example.com"},
            {"email": None, "postcode": "20095", "city": "Hamburg"},
            {"name": "Other AG", "email": None},
        ],
    )
    def test_creations_of_different_customers_share_none(self, other: dict[str, JsonValue]) -> None:
        assert not keys(ACME) & keys(ACME | other)

    def test_creations_that_draw_a_number_share_a_key(self) -> None:
        other: dict[str, JsonValue] = {"name": "Other AG", "postcode": "20095"}
        assert keys(ACME, numbered=True) & keys(other, numbered=True)
        assert not keys(ACME, numbered=True) & keys(other)

    def test_other_accounts_share_none(self) -> None:
        assert not keys(ACME, numbered=True) & keys(ACME, numbered=True, account="another")

    @example({"name": NAMES[0], "postcode": "10115"}, {"name": NAMES[1], "postcode": " 10 115"})
    @example(PERSON, PERSON | {"name": "Praxis Muster"})
    @given(BODIES, BODIES)
    def test_what_the_duplicate_check_calls_equal_shares_a_key(
        self, one: dict[str, JsonValue], other: dict[str, JsonValue]
    ) -> None:
        duplicates, _ = duplicates_of(one, [Customer({"id": "other", **other})])
        assume(duplicates and duplicates[0][1].score >= EQUAL_SCORE)
        assert keys(one) & keys(other)


def keys(body: dict[str, JsonValue], *, numbered: bool = False, account: str = "account") -> frozenset[str]:
    return creation_keys(account, body, numbered=numbered)


@asynccontextmanager
async def held(locks: LocalLocks, names: Collection[str]) -> AsyncGenerator[None]:
    """While another task holds the keys, which it gets at once."""
    got, done = anyio.Event(), anyio.Event()

    async def hold() -> None:
        async with locks.hold(names, 0.1):
            got.set()
            await done.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        await got.wait()
        yield
        done.set()


async def ends(*wanted: Collection[str]) -> list[int]:
    """When each of these holders, who start together and take ten seconds, is done."""
    locks, done = LocalLocks(), list[int]()

    async def hold(names: Collection[str]) -> None:
        async with locks.hold(names, 60):
            await anyio.sleep(10)
        done.append(round(anyio.current_time()))

    async with anyio.create_task_group() as tasks:
        for names in wanted:
            tasks.start_soon(hold, names)
    return done
