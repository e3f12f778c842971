import logging
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import MCPError
from mcp.types import Completion, PromptReference, ResourceTemplateReference
from pydantic import JsonValue

from faktoora_mcp.api.connection import Connection
from faktoora_mcp.api.models import SortField
from faktoora_mcp.errors import codes
from faktoora_mcp.rules.standards import COUNTRIES
from faktoora_mcp.server.completions import Completions
from faktoora_mcp.server.resources import CUSTOMER
from tests.agents import ERAS, agent
from tests.scripted import KEY, RECORD, Script, page, reply, settings
from tests.server.test_prompts import NAMES, arguments_of

pytestmark = pytest.mark.anyio
BY_ID = ResourceTemplateReference(uri=CUSTOMER)
INTERNAL_ERROR = -32603


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def customers(count: int, **fields: JsonValue) -> list[dict[str, JsonValue]]:
    return [RECORD | {"id": f"c{n}", "customerId": f"N-{n}"} | fields for n in range(count)]


async def completed(era: str, script: Script, typed: str, **given: object) -> Completion:
    async with agent(era, script, **given) as someone:
        return (await someone.client.complete(BY_ID, {"name": "id", "value": typed})).completion


async def refusal(era: str, script: Script) -> MCPError:
    async with agent(era, script) as someone:
        with pytest.raises(MCPError) as refused:
            await someone.client.complete(BY_ID, {"name": "id", "value": "acme"})
    return refused.value


async def values(argument: str, typed: str, script: Script, **given: object) -> Completion:
    async with Connection(settings(**given), script) as connection:
        return await Completions(connection).values(argument, typed)


async def test_completions_are_announced(era: str) -> None:
    async with agent(era, Script()) as someone:
        assert someone.client.server_capabilities is not None
        assert someone.client.server_capabilities.completions is not None


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", "page=1&perPage=20"),
        ("  ", "page=1&perPage=20"),
        ("N-7", "keywords[]=N-7&page=1&perPage=20"),
        ("Erika  Muster", "keywords[]=Erika&keywords[]=Muster&page=1&perPage=20"),
        ("x" * 5_000, f"keywords[]={'x' * 100}&page=1&perPage=20"),
    ],
)
async def test_the_typed_words_are_searched_for_in_one_request(era: str, typed: str, query: str) -> None:
    script = Script(page(*customers(3)))
    found = await completed(era, script, typed)
    assert script.calls == [f"GET /customers?{query}"]
    assert found == Completion(values=["c0", "c1", "c2"], total=3, has_more=False)


async def test_at_most_twenty_values_are_offered_with_the_total(era: str) -> None:
    found = await completed(era, Script(page(*customers(20), total=250)), "acme")
    assert (len(found.values), found.total, found.has_more) == (20, 250, True)


async def test_a_page_larger_than_requested_does_not_lengthen_the_list(era: str) -> None:
    found = await completed(era, Script(page(*customers(150), per_page=150)), "acme")
    assert (len(found.values), found.has_more) == (20, True)


async def test_the_customer_with_exactly_this_number_comes_first(era: str) -> None:
    found = await completed(era, Script(page(*customers(4))), "N-2")
    assert found.values == ["c2", "c0", "c1", "c3"]


async def test_an_offered_value_is_a_readable_address(era: str) -> None:
    async with agent(era) as someone:
        found = (await someone.client.complete(BY_ID, {"name": "id", "value": "GmbH"})).completion
        for value in found.values:
            assert (await someone.client.read_resource(CUSTOMER.replace("{id}", value))).contents
    assert 0 < len(found.values) <= 20


async def test_an_id_that_cannot_be_displayed_is_not_offered(era: str) -> None:
    odd = [RECORD | {"id": "a\u202eb"}, RECORD | {"id": "x" * 5_000}, RECORD]
    assert (await completed(era, Script(page(*odd)), "acme")).values == ["cust_abc123"]


async def test_only_ids_are_offered_if_fields_are_hidden(era: str) -> None:
    script = Script(page(RECORD))
    assert (await completed(era, script, "acme", hide_fields=("name", "email"))).values == ["cust_abc123"]


@pytest.mark.parametrize(
    ("reference", "argument"),
    [
        (BY_ID, "number"),
        (BY_ID, "country"),
        (ResourceTemplateReference(uri="faktoora://other/{id}"), "id"),
        (PromptReference(name="find_customer"), "description"),
        (PromptReference(name="find_customer"), "id"),
        (PromptReference(name="find_customer"), "country"),
        (PromptReference(name="onboard_customer"), "details"),
        (PromptReference(name="review_import"), "list"),
        (PromptReference(name="plan_merge"), "category"),
        (PromptReference(name="nobody"), "id"),
    ],
)
async def test_an_unknown_argument_is_completed_by_nothing_without_the_network(
    era: str, reference: PromptReference | ResourceTemplateReference, argument: str
) -> None:
    script = Script()
    async with agent(era, script) as someone:
        found = (await someone.client.complete(reference, {"name": argument, "value": "a"})).completion
    assert found == Completion(values=[], total=0, has_more=False)
    assert script.requests == []


async def test_a_refused_key_is_reported_with_our_message(era: str) -> None:
    error = (await refusal(era, Script(reply({"message": f"bad {KEY}"}, 401)))).error
    assert (error.code, error.data) == (INTERNAL_ERROR, {"code": "unauthorized"})
    assert KEY not in str(error)


async def test_an_internal_error_shows_no_key_and_no_record(
    era: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        refused = await refusal(era, Script(RuntimeError(f"defect with {KEY} and Erika Mustermann")))
    assert refused.error.data == {"code": "internal"}
    for output in (str(refused.error), caplog.text):
        assert KEY not in output
        assert "Erika" not in output
    assert "completion/complete failed by RuntimeError" in caplog.text


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("at", ["AT"]),
        ("D", ["DE", "DJ", "DK", "DM", "DO", "DZ"]),
        ("Deutschland", ["DE"]),
        ("germany", ["DE"]),
        ("AUT", ["AT"]),
        ("Atlantis", []),
    ],
)
async def test_a_country_is_completed_by_code_or_name(typed: str, codes: list[str]) -> None:
    found = await values("country", typed, Script())
    assert found == Completion(values=codes, total=len(codes), has_more=False)


async def test_countries_with_their_own_rules_come_first() -> None:
    found = await values("country", "", Script())
    assert found.values[:4] == ["DE", "AT", "CH", "LI"]
    assert (len(found.values), found.has_more) == (20, True)


async def test_a_sort_field_is_completed_in_any_case() -> None:
    assert (await values("sort", "NAME", Script())).values == ["name", "nameAuthorisedSignatory"]
    assert (await values("sort", "", Script())).values == [*get_args(SortField)]


COMPLETED: dict[tuple[str, str], tuple[str, list[str]]] = {
    ("check_readiness", "check"): ("not", ["not_ready_for_xrechnung", "not_ready_for_peppol"]),
    ("check_readiness", "country"): ("Österreich", ["AT"]),
    ("check_readiness", "category"): ("beh", ["Behörde"]),
    ("clean_up", "category"): ("beh", ["Behörde"]),
    ("explain_error", "error"): ("un", ["unauthorized", "unreachable"]),
    ("onboard_customer", "category"): ("st", ["Stammkunde"]),
    ("plan_merge", "id"): ("CUST-0008", ["c725bd97-9e28-4761-88fe-a5d73716e7ea"]),
}
"""A value that the sandbox offers for every argument of a prompt that is completed."""
FREE_TEXT = {("find_customer", "description"), ("onboard_customer", "details"), ("review_import", "list")}


def test_every_argument_of_a_prompt_is_completed_or_free_text() -> None:
    assert {(name, argument) for name in NAMES for argument in arguments_of("de", name)} == {
        *COMPLETED,
        *FREE_TEXT,
    }


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("prompt", "argument"), COMPLETED)
async def test_an_argument_of_a_prompt_is_completed(
    era: str, language: str, prompt: str, argument: str
) -> None:
    typed, offered = COMPLETED[prompt, argument]
    reference = PromptReference(name=prompt)
    async with agent(era, language=language) as someone:
        found = (await someone.client.complete(reference, {"name": argument, "value": typed})).completion
    assert found == Completion(values=offered, total=len(offered), has_more=False)


async def test_every_offered_check_exists(era: str) -> None:
    reference = PromptReference(name="check_readiness")
    async with agent(era) as someone:
        found = (await someone.client.complete(reference, {"name": "check", "value": ""})).completion
        for check in found.values:
            await someone.call("query_customers", check=check, limit=0)
    assert len(found.values) == 6


async def test_an_error_is_completed_by_the_codes_that_start_with_the_text() -> None:
    assert (await values("error", "OUT", Script())).values == ["outcome_unknown"]
    every = await values("error", "", Script())
    assert (len(every.values), every.total) == (20, len([*codes()]))


async def test_a_category_is_completed_from_the_customers_changed_last() -> None:
    had = ("Behörde", "Handel", None, "behördlich", "Behörde", "", "B\u202eX")
    script = Script(page(*[RECORD | {"category": name} for name in had], per_page=100))
    found = await values("category", "beh", script)
    assert found == Completion(values=["Behörde", "behördlich"], total=2, has_more=False)
    assert script.calls == ["GET /customers?page=1&perPage=100&sort=updatedAt&order=desc"]


@pytest.mark.parametrize("typed", ["öf", "of", "OEF", "offentl", "o\u0308f"])
async def test_a_category_is_completed_by_any_spelling(typed: str) -> None:
    script = Script(page(RECORD | {"category": "Öffentlich"}, RECORD | {"category": "Ost"}, per_page=100))
    assert (await values("category", typed, script)).values == ["Öffentlich"]


async def test_a_hidden_category_is_not_offered() -> None:
    script = Script()
    assert (await values("category", "", script, hide_fields=("category",))).values == []
    assert script.requests == []


@given(typed=st.text(max_size=200), argument=st.sampled_from(["sort", "country", "number"]))
async def test_for_any_text_at_most_twenty_known_values_are_offered(typed: str, argument: str) -> None:
    found = await values(argument, typed, Script())
    assert len(found.values) <= 20
    assert {*found.values} <= {*get_args(SortField), *COUNTRIES}
