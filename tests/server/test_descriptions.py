"""What agents read of the tools before they call one: said where it belongs, in plain words."""

import json
import re

import pytest

from faktoora_mcp.answers.customers import DEFAULT_COLUMNS
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import OPS
from faktoora_mcp.server.app import INSTRUCTIONS
from faktoora_mcp.server.arguments import RELATIONS
from faktoora_mcp.server.definitions import definitions

HOUSE_WORDS = re.compile(
    r"\b(doubles?|strangers?|whole base|unseen|wish(es)?|exact category|unless it is there already"
    r"|a category with|category: with|what is so already|undoRemoveEntries|ask by themselves"
    r"|else all pairs)\b",
    re.IGNORECASE,
)
CONSENT = {
    "delete_customer": "Ask the user first, unless the user has already named this very record and agreed.",
    "update_customers": "unless the user has already named this very change and agreed;",
    "merge_customers": "unless the user has already named this very merge and agreed;",
    "import_customers": "unless the user has already named this very list and agreed;",
}


def said(tool: str, *path: str) -> str:
    """The description of a tool, or of an argument or a part of one."""
    if not path:
        return definitions()[tool].description or ""
    node = definitions()[tool].input_schema["properties"]
    for name in path[:-1]:
        inner = node[name].get("items", node[name])
        node = inner["properties"]
    return str(node[path[-1]].get("description", ""))


@pytest.mark.parametrize("tool", definitions())
def test_descriptions_use_plain_words(tool: str) -> None:
    read = definitions()[tool]
    text = json.dumps([read.description, read.input_schema], ensure_ascii=False)
    assert HOUSE_WORDS.findall(text + INSTRUCTIONS) == []


@pytest.mark.parametrize("tool", CONSENT)
def test_the_consent_of_the_user_is_asked_for_in_one_sentence(tool: str) -> None:
    assert CONSENT[tool] in said(tool)


def test_the_usual_columns_are_named_and_what_they_lack() -> None:
    assert f"Usual columns: {', '.join(DEFAULT_COLUMNS)}; not address, phone, VAT id, category." in (
        said("list_customers")
    )


def test_what_is_not_searched_is_named() -> None:
    assert "Not searched: contacts, phone, VAT id, GLN" in said("list_customers")


def test_relations_are_named_by_one_word_each() -> None:
    assert said("list_customers", "relation_fields").endswith(", ".join(RELATIONS))
    assert "customerDeliveryAddresses" not in json.dumps(definitions()["list_customers"].input_schema)


def test_umlauts_are_explained_for_words_and_for_conditions() -> None:
    assert "ü matches ue" in said("list_customers")
    assert "Muenchen is not München" in said("query_customers", "where", "op")
    assert "ü, ue, u alike" in said("query_customers", "where", "op")


@pytest.mark.parametrize("op", OPS)
def test_every_operator_is_explained(op: str) -> None:
    text = said("query_customers", "where", "op") + said("query_customers", "where", "value")
    assert re.search(rf"\b{op}\b", text)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_explained(check: str) -> None:
    assert re.search(rf"\b{check}\b.*: ", said("query_customers", "check"))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("query_customers",), "Fields: those of create_customer, id, createdAt, updatedAt, "),
        (("query_customers",), "it has no archive"),
        (("query_customers", "where"), "check too"),
        (("query_customers", "group_by"), "missing ones as a group"),
        (("create_customer", "customer", "country"), "missing: none assumed"),
        (("create_customer", "customer", "category"), "free text"),
        (("update_customer", "changes"), "also those of contacts and addresses"),
        (("update_customer",), "undo: arguments of update_customer"),
        (("delete_customer", "confirm"), "its whole name with legal form, in any case, or its number"),
        (("import_customers",), "before retrying, check what it imported"),
    ],
    ids=str,
)
def test_what_agents_would_have_to_guess_is_said(place: tuple[str, ...], words: str) -> None:
    assert words in said(*place)
