from collections.abc import Iterator, Mapping
from typing import Annotated, cast

import pytest
from pydantic import AfterValidator, BaseModel, JsonValue, ValidationError, create_model

from faktoora_mcp.api.models import API_OWNED, WRITABLE, CustomerQuery, NewCustomer
from faktoora_mcp.rules.validation import REQUIRED
from faktoora_mcp.server.arguments import Changes
from faktoora_mcp.server.schemas import (
    field_errors,
    known_columns,
    simplified,
    spelled_out,
    unknown_arguments,
)
from faktoora_mcp.settings import PAGE_SIZE, WALK_PAGE_SIZE
from tests.told import told

Schema = dict[str, JsonValue]
ACME: dict[str, object] = {
    "isCompany": True,
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
}


class Arguments(BaseModel):
    """The arguments of a tool that creates, changes and lists."""

    customer: NewCustomer
    changes: Changes
    query: CustomerQuery | None = None
    words: tuple[str, ...] = ()
    limit: int | None = None


SCHEMA = simplified(Arguments.model_json_schema())
LISTING = simplified(CustomerQuery.model_json_schema())


def at(schema: JsonValue, *path: str) -> Schema:
    for key in path:
        schema = cast("Schema", schema)[key]
    return cast("Schema", schema)


def keywords(node: JsonValue) -> Iterator[str]:
    """All keywords of a schema, without the names of its properties."""
    if isinstance(node, list):
        for item in node:
            yield from keywords(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from keywords(
                list(value.values()) if key == "properties" and isinstance(value, dict) else value
            )


def errors_of(**arguments: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Arguments.model_validate(arguments)
    return cast("dict[str, str]", told(field_errors(caught.value)))


def of_customer(**given: object) -> dict[str, str]:
    return errors_of(customer=ACME | given, changes={})


class TestSimplified:
    def test_there_are_no_references_and_no_titles(self) -> None:
        assert {"$ref", "$defs", "title"}.isdisjoint(keywords(SCHEMA))

    def test_a_record_field_called_title_stays(self) -> None:
        assert at(SCHEMA, "properties", "customer", "properties", "title") == {"type": "string"}

    def test_a_null_is_not_offered(self) -> None:
        assert "anyOf" not in set(keywords(SCHEMA))

    def test_an_optional_argument_has_its_one_type(self) -> None:
        assert at(SCHEMA, "properties", "limit") == {"type": "integer"}

    def test_changes_do_not_name_the_fields_of_a_customer_again(self) -> None:
        assert at(SCHEMA, "properties", "changes") == {"type": "object"}

    def test_what_our_own_validation_refuses_is_left_out(self) -> None:
        assert {"additionalProperties", "maxItems", "minLength"}.isdisjoint(keywords(SCHEMA))

    def test_limits_and_choices_stay(self) -> None:
        query = at(SCHEMA, "properties", "query", "properties")
        assert query["per_page"] == {
            "type": "integer",
            "default": PAGE_SIZE,
            "maximum": WALK_PAGE_SIZE,
        }
        assert query["order"] == {"type": "string", "enum": ["asc", "desc"]}

    def test_the_description_of_a_field_wins_over_that_of_its_model(self) -> None:
        assert "description" not in at(SCHEMA, "properties", "customer")

    def test_the_given_schema_is_not_altered(self) -> None:
        given = Arguments.model_json_schema()
        simplified(given)
        assert given == Arguments.model_json_schema()

    def test_a_simplified_schema_stays_as_it_is(self) -> None:
        assert simplified(simplified({"type": "object", "properties": {"a": {"type": "string"}}})) == {
            "type": "object",
            "properties": {"a": {"type": "string"}},
        }


class TestSpelledOut:
    def test_changes_have_the_fields_of_a_customer_and_null_where_it_clears_one(self) -> None:
        fields = at(spelled_out(SCHEMA), "properties", "changes", "properties")
        clearable = {name for name in fields if "anyOf" in at(fields, name)}
        assert {*fields} == {*WRITABLE}
        assert clearable == {*WRITABLE} - {*REQUIRED}

    def test_a_schema_without_records_stays_as_it_is(self) -> None:
        assert spelled_out(LISTING) == LISTING


class TestFieldErrors:
    def test_a_missing_field_is_named_as_the_agent_sent_it(self) -> None:
        rest = {name: value for name, value in ACME.items() if name != "city"}
        assert errors_of(customer=rest, changes={}) == {"city": "is required"}

    def test_a_missing_argument_is_named(self) -> None:
        assert errors_of(customer=ACME) == {"changes": "is required"}

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("plz", "is unknown; did you mean postcode?"),
            ("vat_id", "is unknown; did you mean vatId?"),
            ("emial", "is unknown; did you mean email?"),
            ("quux", "is unknown"),
        ],
    )
    def test_the_error_for_an_unknown_field_names_the_nearest(self, name: str, sentence: str) -> None:
        assert of_customer(**{name: "x"}) == {name: sentence}

    @pytest.mark.parametrize("name", API_OWNED)
    def test_a_read_only_field_is_refused_with_that_reason(self, name: str) -> None:
        assert of_customer(**{name: "x"}) == {name: "is set by faktoora and cannot be written"}

    def test_a_rule_is_reported_in_its_own_words(self) -> None:
        assert of_customer(country="DE", postcode="1011") == {
            "postcode": "DE postcodes have 5 digits, got '1011'"
        }

    def test_an_entry_is_named_by_its_path(self) -> None:
        assert of_customer(customerContacts=[{}, {"email": 7}]) == {
            "customerContacts.1.email": "expected text, got a number"
        }

    def test_a_change_is_named_without_its_argument(self) -> None:
        assert errors_of(customer=ACME, changes={"city": None}) == {
            "city": "is required and cannot be cleared"
        }

    def test_an_argument_that_is_no_record_is_named_itself(self) -> None:
        assert errors_of(customer="Acme", changes={}).keys() == {"customer"}

    def test_the_error_for_a_choice_names_all_choices(self) -> None:
        assert errors_of(customer=ACME, changes={}, query={"order": "up"}) == {
            "query.order": "must be one of 'asc' or 'desc'"
        }

    def test_all_errors_are_reported_together(self) -> None:
        assert of_customer(plz="1", postcode=1067, isCompany="yes").keys() == {"plz", "postcode", "isCompany"}

    def test_a_long_name_is_bounded(self) -> None:
        assert [*of_customer(**{"x" * 5_000: 1})] == ["x" * 60 + "… [4,940 more characters]"]

    def test_a_name_shows_no_invisible_character(self) -> None:
        assert of_customer(**{"na\u202eme\u200b2": 1}).keys() == {"name2"}

    @pytest.mark.parametrize(
        "arguments",
        [
            {"customer": "SECRET", "changes": {}},
            {"customer": ACME | {"customerContacts": "SECRET"}, "changes": {}},
            {"customer": ACME | {"customerContacts": ["SECRET"]}, "changes": {}},
            {"customer": ACME | {"plz": "SECRET"}, "changes": {}},
            {"customer": ACME | {"id": "SECRET"}, "changes": {}},
            {"customer": ACME | {"extras": "SECRET"}, "changes": {}},
            {"customer": ACME, "changes": {}, "limit": "SECRET"},
            {"customer": ACME, "changes": {}, "query": {"order": "SECRET"}},
        ],
        ids=str,
    )
    def test_errors_of_pydantic_do_not_show_the_input(self, arguments: dict[str, object]) -> None:
        errors = errors_of(**arguments)
        assert errors
        assert "SECRET" not in str(errors)


class TestUnknownArguments:
    KNOWN = ("id", "number", "relation_fields", "fields")

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (["id", "fields"], {}),
            (["relationFields"], {"relationFields": "is unknown; did you mean relation_fields?"}),
            (["nummber"], {"nummber": "is unknown; did you mean number?"}),
            (["quux", "id"], {"quux": "is unknown"}),
        ],
    )
    def test_every_unknown_argument_has_a_sentence(
        self, given: list[str], expected: Mapping[str, str]
    ) -> None:
        assert unknown_arguments(given, self.KNOWN) == expected

    def test_a_long_name_is_bounded(self) -> None:
        assert unknown_arguments(["y" * 100], self.KNOWN) == {
            "y" * 60 + "… [40 more characters]": "is unknown"
        }


class TestKnownColumns:
    MODEL = create_model("Listing", fields=Annotated[tuple[str, ...], AfterValidator(known_columns)])

    @pytest.mark.parametrize("names", [(), ("*",), WRITABLE, API_OWNED], ids=str)
    def test_fields_of_a_record_are_columns(self, names: tuple[str, ...]) -> None:
        assert known_columns(names) == names

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("vatID", "vatID is unknown; did you mean vatId?"),
            ("quux", "quux is unknown"),
            ("z" * 100, "z" * 60 + "… [40 more characters] is unknown"),
        ],
    )
    def test_an_unknown_column_is_refused_with_the_nearest_name(self, name: str, sentence: str) -> None:
        with pytest.raises(ValidationError) as caught:
            self.MODEL.model_validate({"fields": ("id", name)})
        assert field_errors(caught.value) == {"fields": sentence}
