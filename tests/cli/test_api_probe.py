"""What `doctor --api` says of an API is so: of the sandbox in every form, and of searches of other kinds."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from string import Formatter

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.cli.probes.api import api_forms
from faktoora_mcp.cli.probes.forms import ANSWERS, COMMON, POINTS, Form
from faktoora_mcp.language import Language
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests import processes
from tests.cli.commands import run
from tests.processes import environment, served_sandbox
from tests.scripted import RECORD, page, reply, settings

pytestmark = pytest.mark.anyio

Record = dict[str, JsonValue]
Matches = Callable[[Record, Sequence[str]], bool]
LANGUAGES: tuple[Language, ...] = ("en", "de")
ANNA: Record = RECORD | {
    "id": "7",
    "name": "Gärtnerei Blumenthal",
    "city": "Quedlinburg",
    "email": "post@rosen.example",
    "vatId": "DE811569869",
}


class Sandbox(httpx.ASGITransport):
    """A sandbox of these forms that keeps the requests and all that it answered."""

    def __init__(self, forms: Forms, customers: int = 57) -> None:
        app = create_app(customers=customers, forms=forms)
        super().__init__(app)
        self._close = app.state.close
        self.requests: list[httpx.Request] = []
        self.sent: list[JsonValue] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = await super().handle_async_request(request)
        self.sent.append(json.loads(await response.aread()))
        return response

    async def aclose(self) -> None:
        self._close()


def searching(matches: Matches, *records: Record, hits: int | None = None) -> httpx.MockTransport:
    """An API with these customers and a search of its own; `hits` is the total that a search claims."""

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/customers"):
            return reply({}, 404)
        words = request.url.params.get_list("keywords[]")
        found = [record for record in records if not words or matches(record, words)]
        return page(*found, per_page=100, total=hits if words and found else None)

    return httpx.MockTransport(answer)


def texts(record: Record, *fields: str) -> Iterator[str]:
    return (str(value) for name, value in record.items() if not fields or name in fields)


async def answers_of(transport: httpx.AsyncBaseTransport) -> dict[str, str]:
    """The answer by point; of a field of the search, by its name."""
    forms = await api_forms(settings(), transport)
    return {str(form.facts.get("field", form.point)): form.answer for form in forms}


async def form_of(transport: httpx.AsyncBaseTransport, point: str) -> Form:
    (form,) = [form for form in await api_forms(settings(), transport) if form.point == point]
    return form


REFUSING_501 = replace(CURRENT, max_per_page=500, over_limit="refuse")
NO_RESOURCE = "E_CUSTOMER_RESOURCE_NOT_EXISTS"
COMMONLY = {
    "envelope": "data",
    "total": "body",
    "search": "works",
    "name": "yes",
    "nameAuthorisedSignatory": "yes",
    "address": "yes",
    "postcode": "yes",
    "city": "yes",
    "country": "untested",
    "email": "yes",
    "customerId": "yes",
    "phoneNo": "no",
    "vatId": "no",
    "taxId": "no",
    "glnId": "no",
    "dunsId": "no",
    "peppolId": "no",
    "search_inside": "yes",
    "search_case": "yes",
    "search_umlaut_case": "yes",
    "several_keywords": "all",
    "unknown_id": "code",
    "relations_list": "yes",
    "relations_get": "yes",
    "changes": "not_tried",
}


async def test_the_specified_api_is_described() -> None:
    assert await answers_of(Sandbox(DOCUMENTED)) == COMMONLY | {
        "page_size": "refused",
        "firstName": "untested",
        "lastName": "untested",
        "search_transcribed": "yes",
        "search_base_letter": "yes",
        "api_keys": "no",
    }


async def test_the_api_of_the_newer_pages_is_described() -> None:
    assert await answers_of(Sandbox(CURRENT)) == COMMONLY | {
        "page_size": "few",
        "firstName": "no",
        "lastName": "no",
        "search_transcribed": "no",
        "search_base_letter": "no",
        "api_keys": "yes",
    }


@pytest.mark.parametrize(
    ("forms", "answers"),
    [
        (replace(DOCUMENTED, envelope="results"), {"envelope": "results", "total": "body"}),
        (replace(DOCUMENTED, envelope="bare"), {"envelope": "bare", "total": "header"}),
        (replace(DOCUMENTED, all_keywords=False), {"several_keywords": "any"}),
        (replace(DOCUMENTED, search_fields=("name", "vatId")), {"vatId": "yes", "email": "no", "city": "no"}),
        (replace(DOCUMENTED, relations_on_get=False), {"relations_list": "yes", "relations_get": "no"}),
        (replace(DOCUMENTED, omitted_in_list=("name",)), {"name": "untested", "city": "yes"}),
    ],
    ids=["results", "bare", "any keyword", "other fields", "no relations on GET", "no names in the list"],
)
async def test_every_other_form_is_recognised(forms: Forms, answers: dict[str, str]) -> None:
    assert answers.items() <= (await answers_of(Sandbox(forms))).items()


@pytest.mark.parametrize(
    ("forms", "customers", "answer", "facts"),
    [
        (CURRENT, 1100, "accepted", {"size": 1000}),
        (CURRENT, 57, "few", {"size": 1000}),
        (replace(CURRENT, max_per_page=100), 57, "clamped", {"size": 100}),
        (replace(CURRENT, max_per_page=25, envelope="bare"), 57, "clamped", {"size": 25}),
        (REFUSING_501, 57, "refused", {"size": 101, "refused": 1000}),
        (DOCUMENTED, 57, "refused", {"size": 100, "refused": 101}),
    ],
)
async def test_the_size_of_a_page_is_found(
    forms: Forms, customers: int, answer: str, facts: dict[str, int]
) -> None:
    form = await form_of(Sandbox(forms, customers), "page_size")
    assert (form.answer, form.facts) == (answer, facts)


@pytest.mark.parametrize(
    ("forms", "facts"),
    [
        (DOCUMENTED, {"status": 404, "code": NO_RESOURCE}),
        (replace(DOCUMENTED, unknown_id_status=400), {"status": 400, "code": NO_RESOURCE}),
        (CURRENT, {"status": 404, "code": "NOT_FOUND"}),
    ],
)
async def test_an_unknown_id_is_answered_with_status_and_code(forms: Forms, facts: dict[str, object]) -> None:
    assert (await form_of(Sandbox(forms), "unknown_id")).facts == facts


def contains(record: Record, words: Sequence[str]) -> bool:
    return all(any(word.casefold() in text.casefold() for text in texts(record)) for word in words)


def contains_in_this_case(record: Record, words: Sequence[str]) -> bool:
    return all(any(word in text for text in texts(record)) for word in words)


def has_whole_words(record: Record, words: Sequence[str]) -> bool:
    held = {word for text in texts(record) for word in re.split(r"\W+", text.casefold())}
    held |= {text.casefold() for text in texts(record)}
    return all(word.casefold() in held for word in words)


@pytest.mark.parametrize(
    ("matches", "inside", "case"),
    [(contains, "yes", "yes"), (contains_in_this_case, "yes", "no"), (has_whole_words, "no", "yes")],
)
async def test_the_way_of_comparing_is_found(matches: Matches, inside: str, case: str) -> None:
    found = await answers_of(searching(matches, ANNA))
    assert (found["search_inside"], found["search_case"], found["city"]) == (inside, case, "yes")


@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
async def test_an_api_that_reads_only_one_keyword_is_recognised(place: int) -> None:
    transport = searching(lambda record, words: contains(record, [words[place]]), ANNA)
    assert (await answers_of(transport))["several_keywords"] == "one"


async def test_an_api_that_ignores_keywords_covers_nothing() -> None:
    found = await answers_of(searching(lambda _, __: True, ANNA))
    assert (found["search"], found["city"], found["several_keywords"]) == ("ignored", "untested", "untested")


async def test_a_value_that_stands_in_two_fields_shows_nothing() -> None:
    twice: Record = {**ANNA, "note": "Quedlinburg", "extras": {"ort": ["Blumenthal", "Gärtnerei"]}}
    found = await answers_of(searching(contains, twice))
    assert (found["city"], found["name"], found["email"]) == ("untested", "untested", "yes")


async def test_a_search_with_more_hits_than_a_page_shows_nothing() -> None:
    def hides_anna(record: Record, words: Sequence[str]) -> bool:
        return record["id"] != "7" and not any("zq9" in word for word in words)

    found = await answers_of(searching(hides_anna, ANNA, RECORD | {"name": "A"}, hits=500))
    assert (found["search"], found["vatId"]) == ("works", "unknown")


async def test_a_full_page_without_a_total_shows_nothing() -> None:
    others: list[JsonValue] = [
        ANNA | {"id": str(number), "city": "Quedlinburg"} for number in range(100, 125)
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        words = request.url.params.get_list("keywords[]")
        return reply([] if any("zq9" in word for word in words) else others if words else [ANNA])

    assert (await answers_of(httpx.MockTransport(answer)))["city"] == "unknown"


async def test_a_part_that_is_not_found_alone_does_not_show_that_a_field_is_not_covered() -> None:
    repeated = ANNA | {"city": "Quedlinburg", "note": "Quedlinburg"}
    shifted = ANNA | {"email": "rosen@rosen.example", "note": "Rosen@rosen.example.org"}
    for record, name in ((repeated, "city"), (shifted, "email")):
        found = await answers_of(searching(contains_in_this_case, record))
        assert found[name] in ("untested", "unknown")


async def test_an_api_without_customers_shows_little() -> None:
    found = await answers_of(searching(contains))
    assert {name for name, answer in found.items() if answer not in ("untested", "unknown", "not_tried")} == {
        "envelope",
        "total",
        "page_size",
        "search",
        "unknown_id",
        "api_keys",
    }


@pytest.mark.parametrize(
    "answer", [reply({"customers": []}), reply({}, 500), httpx.Response(200, text="<html>"), reply([7])]
)
async def test_an_api_that_answers_in_no_known_form_leaves_all_unknown(answer: httpx.Response) -> None:
    status, content = answer.status_code, answer.content
    found = await answers_of(httpx.MockTransport(lambda _: httpx.Response(status, content=content)))
    assert set(found.values()) - {"status"} <= {"unknown", "untested", "not_tried", "yes"}
    assert found["envelope"] == found["page_size"] == found["search"] == "unknown"


async def test_an_api_that_does_not_answer_is_not_asked_forever() -> None:
    requests: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ReadTimeout("")

    found = await answers_of(httpx.MockTransport(fail))
    assert set(found.values()) == {"unknown", "untested", "not_tried"}
    assert len(requests) == 3


@pytest.mark.parametrize("forms", [DOCUMENTED, CURRENT], ids=["documented", "current"])
async def test_nothing_but_reads_is_sent_and_no_value_of_a_customer_is_shown(forms: Forms) -> None:
    sandbox = Sandbox(forms)
    found = await api_forms(settings(), sandbox)
    assert {request.method for request in sandbox.requests} == {"GET"}
    shown = json.dumps([form.as_object("en") for form in found], ensure_ascii=False).casefold()
    values = {leaf.casefold() for body in sandbox.sent for leaf in leaves(rows(body)) if len(leaf) > 3}
    assert len(values) > 100
    assert [value for value in values if value in shown] == []


def rows(body: JsonValue) -> JsonValue:
    return body["data"] if isinstance(body, dict) and "data" in body else []


def leaves(node: JsonValue) -> Iterator[str]:
    match node:
        case str():
            yield node
        case list():
            for item in node:
                yield from leaves(item)
        case dict():
            yield from leaves([*node.values()])
        case _:
            pass


@pytest.mark.parametrize("point", POINTS)
def test_every_answer_is_told_in_both_languages_with_the_same_facts(point: str) -> None:
    for answer in (COMMON | ANSWERS[point]).values():
        english, german = ([name for _, name, *_ in Formatter().parse(text) if name] for text in answer)
        assert sorted(english) == sorted(german)


async def test_every_form_has_a_sentence() -> None:
    for forms in (DOCUMENTED, CURRENT):
        for form in await api_forms(settings(), Sandbox(forms)):
            assert all(form.text(language) for language in LANGUAGES)


def test_programs_read_the_forms_beside_the_findings() -> None:
    done = run("doctor", "--api", "--json", "--sandbox", "--dialect", "current", FAKTOORA_LANGUAGE="en")
    (keys,) = [form for form in json.loads(done.stdout)["api"] if form["point"] == "api_keys"]
    assert keys == {
        "point": "api_keys",
        "known": True,
        "answer": "yes",
        "message": "The API lists its keys: yes",
        "request": "GET /apikeys",
    }


def test_without_the_option_no_forms_are_looked_for() -> None:
    assert "api" not in json.loads(run("doctor", "--json", "--sandbox").stdout)


def test_where_the_api_cannot_be_read_only_the_findings_are_shown() -> None:
    env = {
        "FAKTOORA_BASE_URL": "http://127.0.0.1:9",
        "FAKTOORA_API_KEY": "key-4711",
        "FAKTOORA_TIMEOUT_S": "1",
    }
    done = run("doctor", "--api", "--json", **env)
    assert (done.returncode, json.loads(done.stdout)["api"]) == (1, [])


def test_people_read_each_form_with_the_request_that_showed_it() -> None:
    with served_sandbox("--dialect", "current", "--key", "opensesame") as url:
        env = environment(FAKTOORA_BASE_URL=url, FAKTOORA_API_KEY="opensesame", FAKTOORA_LANGUAGE="de")
        done = processes.run("doctor", "--api", env=env)
        as_report = processes.run("doctor", "--api", "--report", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    query = "keywords[]=<part of email, other case>&page=1&perPage=100&sort=createdAt&order=desc"
    assert f"✓ Die Suche umfasst email: ja\n  GET /customers?{query}\n" in done.stdout
    assert "· Ändern und Leeren von Feldern: nicht probiert" in done.stdout
    assert "[search_field] Die Suche umfasst email: ja\n" in as_report.stdout
