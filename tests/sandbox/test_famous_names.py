"""Invented customers bear no famous names: those of the sandbox, the demo, the prompts and the pages."""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import TypedDict

import httpx
import pytest

from faktoora_mcp.sandbox import seed_words as words
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.seeds import FAMOUS_PEOPLE
from tests.documents import PAGES, ROOT

pytestmark = pytest.mark.anyio


class Famous(TypedDict):
    """`firms` wherever they stand in a name, `firms_by_a_surname` only as a whole one."""

    firms: list[str]
    firms_by_a_surname: list[str]
    persons: list[str]


FAMOUS: Famous = json.loads((ROOT / "tests" / "data" / "famous_names.json").read_text("utf-8"))
FORMS = "|".join(
    re.escape(form)
    for form in sorted({form for forms in words.LEGAL_FORMS.values() for form in forms}, key=len)[::-1]
)
FIRM = re.compile(rf"((?:[A-ZÄÖÜ][\w.-]*|&|\+) )+(?=(?:{FORMS})(?!\w))")
"""Capitalised words before a legal form."""
KNOWN = re.compile(rf"\b(?:{'|'.join(map(re.escape, FAMOUS['firms']))})(?!\w)")
KNOWN_WHOLE = re.compile("|".join(map(re.escape, FAMOUS["firms_by_a_surname"])))
PERSON = re.compile(rf"\b(?:{'|'.join(map(re.escape, FAMOUS['persons']))})\b")
TEXTS = [
    *PAGES,
    ROOT / "manifest.json",
    *(ROOT / "prompts").rglob("*.md"),
    *(ROOT / "evals").glob("*.py"),
    *(path for path in (ROOT / "faktoora_mcp").rglob("*") if path.suffix in {".py", ".json", ".html"}),
]


def famous(name: str) -> bool:
    """Whether a firm without its legal form, or a person, is one that everybody knows."""
    return bool(KNOWN.search(name) or KNOWN_WHOLE.fullmatch(name) or PERSON.search(name))


async def names(customers: int) -> AsyncGenerator[str]:
    """Every name that a sandbox of so many customers shows, of firms without the legal form."""
    app = create_app(customers=customers)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox/api/v1") as api:
        for page in range(1, customers // 100 + 1):
            asked = {"page": page, "perPage": 100, "relationFields[]": "customerContacts"}
            answer = await api.get("/customers", params=asked, headers={"X-API-KEY": "any"})
            for record in answer.json()["data"]:
                yield re.sub(rf" (?:{FORMS})$", "", record["name"] or "")
                yield record["nameAuthorisedSignatory"] or ""
                for person in (record, *record["customerContacts"]):
                    yield f"{person['firstName']} {person['lastName']}"
    app.state.close()


async def test_no_customer_of_the_sandbox_has_a_famous_name() -> None:
    assert {name async for name in names(2000) if famous(name)} == set()


def test_no_word_that_firms_are_made_of_is_a_famous_one() -> None:
    many = words.many()
    assert {word for word in {*many.marks, *many.trades, *words.TRADES} if KNOWN.fullmatch(word)} == set()


def test_all_famous_names_that_the_words_could_make_are_passed_over() -> None:
    many = words.many()
    made = [name for name in FAMOUS["persons"] if is_made_of(name, {*many.first_names}, {*many.surnames})]
    assert len(made) > 20
    assert {*made} - {*passed_over()} == set()


def is_made_of(name: str, first_names: set[str], surnames: set[str]) -> bool:
    first, _, last = name.partition(" ")
    return first in first_names and last in surnames


def passed_over() -> Iterator[str]:
    for last, firsts in FAMOUS_PEOPLE.items():
        yield from (f"{first} {last}" for first in firsts.split())


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_example_has_a_famous_name(path: Path) -> None:
    text = path.read_text("utf-8")
    firms = {found[0].strip() for found in FIRM.finditer(text)}
    assert {firm for firm in firms if famous(firm)} == set()
    assert PERSON.search(text) is None


@pytest.mark.parametrize(
    "name", ["Siemens Energy", "Otto", "Müller & Bosch", "Michael Schumacher", "Deutsche Bank"]
)
def test_a_famous_name_is_recognised(name: str) -> None:
    assert famous(name)
