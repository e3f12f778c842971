"""An import: what is read before, what is claimed of it, how a lost answer is followed up."""

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import line
from faktoora_mcp.api.outcomes import Imported
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError, InvalidInput, NotCreated, NotFound, OutcomeUnknown, Unreachable
from faktoora_mcp.rules.findings import found
from faktoora_mcp.writes.imports import import_customers
from tests.scripted import RECORD, Reply, Script, page, reply
from tests.told import told
from tests.writes.scripts import IMPORT, LIST, LOST, Hanging, Routes, briefly, copy, fresh, over, record_with

pytestmark = pytest.mark.anyio
FILE = "550e8400"
READ = f"{LIST}?page=1&perPage=100&sort=createdAt&order=desc&relationFields[]=importedFile"
COUNTED = page(RECORD, per_page=100, total=57)
WARNING = found("found_by_file")
SETTLED = ["500", "unreadable", "HTML", "error in a 200", "nothing"]
"""Losses after which the API has finished; with the others it may still be working."""


def of_file(name: str, **more: JsonValue) -> dict[str, JsonValue]:
    return fresh(id=name, importedFile={"id": FILE}, **more)


def lost(*reads: Reply, loss: str = "timeout") -> Routes:
    """An API that loses its answer to the import; the last of the reads is given again and again."""
    return Routes({LIST: [COUNTED, *reads], IMPORT: [LOST[loss]]})


async def imported(script: Script) -> Imported:
    async with over(script=script) as writer:
        return await import_customers(writer, FILE)


class TestImport:
    async def test_the_newest_customers_are_read_first_and_the_created_records_answered(self) -> None:
        new = [fresh(id="1"), fresh(id="2")]
        script = Script(copy(COUNTED), reply(new))
        assert await imported(script) == Imported([*map(Customer, new)], [], 57)
        assert (script.calls, script.body()) == ([READ, IMPORT], {"fileId": FILE})

    async def test_rows_that_break_a_rule_or_are_doubtful_are_named_with_the_reasons(self) -> None:
        lost_zero = record_with(id="2", postcode="1067", phoneNo="abc")
        outcome = await imported(Script(page(total=0), reply([RECORD, lost_zero])))
        doubtful = [(one.customer, told([*one.errors, *one.doubts])) for one in outcome.doubtful]
        assert doubtful == [
            (
                Customer(lost_zero),
                [
                    "postcode: DE postcodes have 5 digits, got '1067'",
                    "phoneNo: not known as a phone number in DE",
                ],
            )
        ]

    async def test_an_api_that_does_not_count_imports_all_the_same(self) -> None:
        new = fresh(id="1")
        script = Script(reply([RECORD]), reply({"data": [new]}))
        assert await imported(script) == Imported([Customer(new)], [], None)

    async def test_an_unknown_file_is_not_found(self) -> None:
        async with over(page(), reply({}, 404)) as writer:
            with pytest.raises(NotFound, match="No uploaded file has the id nowhere"):
                await import_customers(writer, "nowhere")

    async def test_a_refused_file_is_not_to_be_sent_again(self) -> None:
        taken = reply({"errors": [{"code": "E_VALIDATION", "message": "row 2: customerId is taken"}]}, 400)
        async with over(page(), taken) as writer:
            with pytest.raises(InvalidInput, match="row 2: customerId is taken") as caught:
                await import_customers(writer, FILE)
        assert "uploaded anew" in caught.value.advice
        assert "imported before" in caught.value.advice

    async def test_where_the_newest_customers_cannot_be_read_nothing_is_imported(self) -> None:
        script = Script(reply({}, 401))
        with pytest.raises(FaktooraError, match="does not accept the key"):
            await imported(script)
        assert script.calls == [READ]

    async def test_a_refused_connection_left_nothing_in_doubt(self) -> None:
        async with briefly(page(), httpx.ConnectError("refused")) as writer:
            with pytest.raises(Unreachable):
                await import_customers(writer, FILE)


class TestFoundAfterALoss:
    @pytest.mark.parametrize("loss", LOST)
    async def test_customers_that_name_the_file_are_the_outcome(self, loss: str) -> None:
        script = lost(page(of_file("2"), of_file("1"), RECORD), loss=loss)
        ours = [Customer(of_file("2")), Customer(of_file("1"))]
        assert await imported(script) == Imported(ours, [], 57, (WARNING,))
        assert script.calls.count(IMPORT) == 1

    async def test_they_are_looked_for_among_the_newest(self) -> None:
        script = lost(page(of_file("1"), RECORD))
        await imported(script)
        assert script.calls == [READ, IMPORT, *[READ] * 5]

    async def test_looking_goes_on_while_their_number_grows(self) -> None:
        growing = [page(of_file("1"), RECORD), page(of_file("2"), of_file("1"), RECORD)]
        script = lost(*growing, page(of_file("3"), of_file("2"), of_file("1"), RECORD))
        assert [customer.id for customer in (await imported(script)).customers] == ["3", "2", "1"]

    async def test_they_may_fill_several_pages(self) -> None:
        many = [of_file(str(number)) for number in range(101)]
        script = lost(*[page(*many[:100], per_page=100, total=158), page(*many[100:], RECORD)] * 5)
        assert len((await imported(script)).customers) == 101
        assert READ.replace("page=1&", "page=2&") in script.calls

    async def test_customers_of_another_file_or_of_none_are_left_out(self) -> None:
        others = (fresh(id="2"), fresh(id="3", importedFile={"id": "another"}))
        script = lost(page(*others, of_file("1"), RECORD))
        assert [customer.id for customer in (await imported(script)).customers] == ["1"]

    async def test_customers_of_an_earlier_import_of_the_file_are_left_out(self) -> None:
        earlier = record_with(id="1", importedFile={"id": FILE})
        script = Routes({LIST: [page(earlier), page(of_file("2"), earlier)], IMPORT: [LOST["timeout"]]})
        assert [customer.id for customer in (await imported(script)).customers] == ["2"]

    @pytest.mark.parametrize("created_at", ["1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "today", None])
    async def test_their_times_of_creation_do_not_matter(self, created_at: JsonValue) -> None:
        ours = of_file("2", createdAt=created_at)
        assert (await imported(lost(page(ours, RECORD)))).customers == [Customer(ours)]

    async def test_a_file_named_by_its_id_alone_is_the_same_file(self) -> None:
        script = lost(page(fresh(importedFile=FILE), RECORD))
        assert (await imported(script)).customers == [Customer(fresh(importedFile=FILE))]

    async def test_doubtful_rows_are_named_all_the_same(self) -> None:
        odd = of_file("1", postcode="1067")
        assert [found.customer for found in (await imported(lost(page(odd, RECORD)))).doubtful] == [
            Customer(odd)
        ]


class TestNotFoundAfterALoss:
    @pytest.mark.parametrize("loss", SETTLED)
    async def test_after_a_last_word_of_the_api_an_unchanged_base_proves_that_nothing_was_imported(
        self, loss: str
    ) -> None:
        script = lost(page(RECORD, total=57), loss=loss)
        with pytest.raises(NotCreated, match="The newest customers show that nothing was imported") as caught:
            await imported(script)
        assert (caught.value.retryable, script.calls.count(IMPORT)) == (True, 1)

    @pytest.mark.parametrize("loss", [loss for loss in LOST if loss not in SETTLED])
    async def test_without_a_last_word_the_import_may_be_yet_to_come(self, loss: str) -> None:
        script = lost(page(RECORD, total=57), loss=loss)
        with pytest.raises(OutcomeUnknown, match="Whether the file was imported is not known") as caught:
            await imported(script)
        assert (caught.value.details, script.calls.count(IMPORT)) == ({}, 1)

    async def test_an_empty_base_that_stays_empty_shows_that_nothing_was_imported(self) -> None:
        script = Routes({LIST: [page()], IMPORT: [LOST["500"]]})
        with pytest.raises(NotCreated):
            await imported(script)

    @pytest.mark.parametrize(
        "after",
        [
            page(RECORD, total=58),
            page(record_with(id="1", createdAt="2999"), RECORD, total=57),
            page(record_with(id="1"), total=57),
            reply([RECORD]),
        ],
        ids=["another total", "a new customer", "no known customer", "no total"],
    )
    async def test_a_base_that_is_not_as_before_proves_nothing(self, after: httpx.Response) -> None:
        with pytest.raises(OutcomeUnknown):
            await imported(lost(after, loss="500"))


class TestInDoubt:
    @pytest.mark.parametrize("loss", ["timeout", "500"])
    async def test_new_customers_that_name_no_file_are_candidates(self, loss: str) -> None:
        new = [fresh(id="2"), fresh(id="1")]
        with pytest.raises(OutcomeUnknown, match="by this import or by others: 2") as caught:
            await imported(lost(page(*new, RECORD), loss=loss))
        assert caught.value.details == {"candidates": [Customer(each).reduced() for each in new]}

    async def test_of_many_candidates_the_newest_five_are_named(self) -> None:
        new = [fresh(id=str(number)) for number in range(7)]
        with pytest.raises(OutcomeUnknown, match="by this import or by others: 7") as caught:
            await imported(lost(page(*new, RECORD)))
        assert caught.value.details == {"candidates": [Customer(each).reduced() for each in new[:5]]}

    async def test_a_number_that_still_grows_at_the_last_look_is_no_outcome(self) -> None:
        new = [of_file(str(number)) for number in range(5)]
        with pytest.raises(OutcomeUnknown):
            await imported(lost(*(page(*new[: count + 1], RECORD) for count in range(5))))

    async def test_reads_that_fail_leave_it_open(self) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await imported(lost(reply({}, 403), loss="500"))
        assert caught.value.details == {}

    @pytest.mark.parametrize(("count", "was"), [(COUNTED, " totalItems was 57 before."), (reply([]), "")])
    async def test_the_advice_says_what_to_compare(self, count: httpx.Response, was: str) -> None:
        script = Routes({LIST: [count, reply({}, 403)], IMPORT: [LOST["timeout"]]})
        with pytest.raises(OutcomeUnknown) as caught:
            await imported(script)
        assert caught.value.advice == (
            f"Before importing again, list_customers with sort createdAt, order desc.{was}"
        )

    async def test_an_api_that_hangs_to_the_end_leaves_the_same_advice(self) -> None:
        async with over(script=Hanging(copy(COUNTED))) as writer:
            with pytest.raises(OutcomeUnknown) as caught:
                await import_customers(writer, FILE)
        assert "totalItems was 57 before" in caught.value.advice


class TestDoubts:
    """Of the records that an import created."""

    async def of(self, **given: JsonValue) -> tuple[list[str], list[str]]:
        (one, *_) = (await imported(Script(page(total=0), reply([record_with(**given)])))).doubtful or [None]
        return ([], []) if one is None else ([*map(line, one.errors)], [*map(line, one.doubts)])

    async def test_what_breaks_a_rule_is_apart_from_what_may_be_wrong(self) -> None:
        assert await self.of(postcode="1067", phoneNo="abc") == (
            ["postcode: DE postcodes have 5 digits, got '1067'"],
            ["phoneNo: not known as a phone number in DE"],
        )

    @pytest.mark.parametrize("form", [7, "7", {"id": 7, "name": "GmbH"}, {"id": "7"}])
    async def test_an_id_of_the_api_is_no_doubt_in_whatever_form(self, form: JsonValue) -> None:
        assert await self.of(legalform=form) == ([], [])

    @pytest.mark.parametrize(
        ("name", "error"),
        [
            (
                "B\u00c3\u00a4ckerei",
                "'B\u00c3\u00a4ckerei' was probably 'B\u00e4ckerei': it was encoded twice",
            ),
            ("M\ufffdller GmbH", "'M\ufffdller GmbH' has lost characters; take them from the source"),
        ],
    )
    async def test_damaged_text_is_certain(self, name: str, error: str) -> None:
        assert await self.of(name=name) == ([f"name: {error}"], [])
