"""A change in whatever form the API takes it; only what a success separates is learned."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.dialect import Forms
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record, Updated
from faktoora_mcp.errors import Conflict, FaktooraError, InvalidInput, OutcomeUnknown
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from faktoora_mcp.sandbox.forms import Forms as SandboxForms
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Revision, update_customer
from tests.scripted import ACME, RECORD, Reply, page, reply, settings
from tests.writes.scripts import AFTER, GET, ID, LIST, PATCH, Routes, changes, copy, over

pytestmark = pytest.mark.anyio
REFUSED = reply({"message": "»isCompany« ist erforderlich"}, 400)
REQUIRED: Record = {"isCompany": True, "address": "Musterstraße 1", "postcode": "10115", "extras": {}}
NEEDS_ALL = replace(DOCUMENTED, patch_needs_required=True)
WANTS_EMPTY = replace(DOCUMENTED, clears_with="empty")
FORMS = {"documented": DOCUMENTED, "current": CURRENT, "needs all": NEEDS_ALL, "wants empty": WANTS_EMPTY}


class CountedSandbox(httpx.ASGITransport):
    """The sandbox with one customer, and the methods of the requests it got."""

    def __init__(self, forms: SandboxForms) -> None:
        super().__init__(create_app(forms=forms, customers=0))
        self.methods: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.method)
        return await super().handle_async_request(request)


@asynccontextmanager
async def one_customer(forms: SandboxForms) -> AsyncGenerator[tuple[Writer, CountedSandbox, str]]:
    sandbox, ours = CountedSandbox(forms), settings()
    async with FaktooraClient(ours, sandbox) as client:
        async with httpx.AsyncClient(transport=sandbox, base_url=ours.base_url) as past:
            made = await past.post(
                "/customer", json=ACME | {"phoneNo": "030 1"}, headers={"X-API-KEY": "secret-key-4711"}
            )
        sandbox.methods.clear()
        yield Writer(client, ours), sandbox, made.json()["id"]


async def changed(writer: Writer, customer_id: str, **given: object) -> Updated:
    return await update_customer(writer, customer_id, Revision(CustomerChanges.model_validate(given)))


@pytest.mark.parametrize("name", FORMS)
async def test_any_form_ends_in_the_same_state_with_the_same_claims(name: str) -> None:
    async with one_customer(FORMS[name]) as (writer, _, customer_id):
        done = await changed(writer, customer_id, city="Hamburg", phoneNo=None)
        assert done.changed == {"city": ("Berlin", "Hamburg"), "phoneNo": ("030 1", None)}
        assert (done.ignored, done.undo) == ({}, {"city": "Berlin", "phoneNo": "030 1"})
        back = await changed(writer, customer_id, **done.undo)
        assert back.customer.record["city"] == "Berlin"
        again = await changed(writer, customer_id, **back.undo)
        assert (again.customer.record["phoneNo"], again.ignored) == (None, {})


@pytest.mark.parametrize("name", FORMS)
async def test_once_the_form_is_known_an_update_takes_two_requests(name: str) -> None:
    async with one_customer(FORMS[name]) as (writer, sandbox, customer_id):
        await changed(writer, customer_id, city="Hamburg")
        await changed(writer, customer_id, phoneNo=None)
        sandbox.methods.clear()
        await changed(writer, customer_id, city="Bremen", email=None)
    assert sandbox.methods == ["GET", "PATCH"]


async def test_the_required_fields_come_from_a_record_read_right_before() -> None:
    moved = RECORD | {"address": "Neue Straße 7"}
    script = Routes(
        {GET: [reply(RECORD), reply(moved)], PATCH: [REFUSED, reply(moved | {"city": "Hamburg"})]}
    )
    async with over(script=script) as writer:
        updated = await changed(writer, ID, city="Hamburg")
    assert updated.changed == {"city": ("Berlin", "Hamburg")}
    assert script.body() == REQUIRED | {"city": "Hamburg", "address": "Neue Straße 7"}


async def test_a_known_form_is_used_at_once() -> None:
    script = Routes({GET: [reply(RECORD)], PATCH: [reply(AFTER)]})
    async with over(script=script) as writer:
        writer.client.dialect.forms.patch_needs_required = True
        await changed(writer, ID, city="Hamburg")
    assert script.calls == [GET, PATCH]
    assert script.body() == REQUIRED | {"city": "Hamburg"}


async def test_a_dry_run_shows_the_body_of_the_form_in_use() -> None:
    async with over(reply(RECORD)) as writer:
        forms = writer.client.dialect.forms
        forms.patch_needs_required = forms.clears_with_empty = True
        done = await update_customer(writer, ID, Revision(changes(email=None)), dry_run=True)
    assert done.body == REQUIRED | {"city": "Berlin", "email": ""}


@pytest.mark.parametrize("status", [400, 422])
async def test_where_every_form_is_refused_the_first_refusal_is_the_answer(status: int) -> None:
    refusals: list[Reply] = [reply({"message": text}, status) for text in ("first", "second", "third")]
    script = Routes({GET: [reply(RECORD)], PATCH: refusals})
    async with over(script=script) as writer:
        with pytest.raises(InvalidInput, match="first"):
            await changed(writer, ID, email=None)
        assert writer.client.dialect.forms == Forms()
    bodies = [script.body(place) for place, call in enumerate(script.calls) if call == PATCH]
    required = REQUIRED | {"city": "Berlin"}
    assert bodies == [{"email": None}, required | {"email": None}, required | {"email": ""}]


@pytest.mark.parametrize(
    ("given", "answers", "learned"),
    [
        ({"city": "Hamburg"}, [reply(AFTER)], Forms()),
        ({"city": "Hamburg"}, [REFUSED, reply(AFTER)], Forms(patch_needs_required=True)),
        (
            {"email": None},
            [REFUSED, REFUSED, reply(RECORD | {"email": None})],
            Forms(clears_with_empty=True),
        ),
    ],
    ids=["nothing new", "required fields", "an empty text, whether or not the required fields"],
)
async def test_only_what_a_success_separates_is_learned(
    given: Record, answers: list[httpx.Response], learned: Forms
) -> None:
    script = Routes({GET: [reply(RECORD)], PATCH: [*map(copy, answers)]})
    async with over(script=script) as writer:
        await changed(writer, ID, **given)
        assert writer.client.dialect.forms == learned


@pytest.mark.parametrize("status", [401, 403, 404, 409])
async def test_another_refusal_is_final(status: int) -> None:
    script = Routes({GET: [reply(RECORD)], PATCH: [reply({}, status)]})
    async with over(script=script) as writer:
        with pytest.raises(FaktooraError) as caught:
            await changed(writer, ID, city="Hamburg")
    assert not isinstance(caught.value, InvalidInput)
    assert script.calls.count(PATCH) == 1


async def test_after_a_lost_answer_no_other_form_is_tried_before_reading() -> None:
    script = Routes({GET: [reply(RECORD)], PATCH: [REFUSED, httpx.ReadTimeout("late")]})
    async with over(script=script) as writer:
        with pytest.raises(OutcomeUnknown):
            await changed(writer, ID, email=None)
    assert script.calls.count(PATCH) == 2


async def test_a_required_field_that_only_the_list_shows_is_read_there() -> None:
    partial = {name: value for name, value in RECORD.items() if name != "extras"}
    whole = RECORD | {"extras": {"costCentre": "7"}}
    script = Routes({GET: [reply(partial)], LIST: [page(whole)], PATCH: [REFUSED, reply(AFTER)]})
    async with over(script=script) as writer:
        await changed(writer, ID, city="Hamburg")
    assert script.body() == REQUIRED | {"city": "Hamburg", "extras": {"costCentre": "7"}}


@pytest.mark.parametrize("missing", ["extras", "address"])
async def test_a_required_field_that_cannot_be_seen_is_never_invented(missing: str) -> None:
    partial = {name: value for name, value in RECORD.items() if name != missing}
    script = Routes({GET: [reply(partial)], LIST: [page(partial)], PATCH: [REFUSED]})
    async with over(script=script) as writer:
        with pytest.raises(Conflict, match=f"wants {missing} with every change"):
            await changed(writer, ID, city="Hamburg")
    assert script.calls.count(PATCH) == 1


async def test_a_record_that_changed_before_the_second_form_is_not_overwritten_against_expect() -> None:
    moved = RECORD | {"updatedAt": "2026-11-01T00:00:00.000Z"}
    script = Routes({GET: [reply(RECORD), reply(moved)], PATCH: [REFUSED]})
    expected = {"updatedAt": RECORD["updatedAt"]}
    async with over(script=script) as writer:
        with pytest.raises(Conflict, match="not as expected"):
            await update_customer(writer, ID, Revision(changes(city="Hamburg"), expect=expected))
    assert script.calls.count(PATCH) == 1


async def test_a_field_that_stays_filled_is_ignored() -> None:
    async with over(reply(RECORD), reply(RECORD)) as writer:
        done = await changed(writer, ID, email=None)
    assert done.ignored == {"email": (None, RECORD["email"])}


async def test_is_company_in_a_change_is_reported_as_ignored_where_the_api_ignores_it() -> None:
    async with one_customer(CURRENT) as (writer, _, customer_id):
        done = await changed(writer, customer_id, isCompany=False)
    assert done.ignored == {"isCompany": (False, True)}


async def test_extras_that_only_the_list_shows_are_kept_in_a_change_of_one_key() -> None:
    partial = {name: value for name, value in RECORD.items() if name != "extras"}
    listed, after = RECORD | {"extras": {"a": "1"}}, RECORD | {"extras": {"a": "1", "b": "2"}}
    script = Routes({GET: [reply(partial)], LIST: [page(listed)], PATCH: [reply(after)]})
    async with over(script=script) as writer:
        done = await changed(writer, ID, extras={"b": "2"})
    assert script.body() == {"extras": {"a": "1", "b": "2"}}
    assert done.changed == {"extras.b": (None, "2")}


async def test_extras_that_nothing_shows_are_not_changed() -> None:
    partial = {name: value for name, value in RECORD.items() if name != "extras"}
    script = Routes({GET: [reply(partial)], LIST: [page(partial)]})
    async with over(script=script) as writer:
        with pytest.raises(Conflict, match="does not show the present extras; nothing was sent"):
            await changed(writer, ID, extras={"b": "2"})
