"""Valid conditions, and the errors for invalid ones."""

import pytest
from pydantic import ValidationError

from faktoora_mcp.insight.conditions import OPS, Condition
from faktoora_mcp.insight.paths import PATHS

CHOICE = ", ".join(OPS)
MISSING = "op missing finds empty fields"
SCALAR = "takes one text, number or true or false; only in takes a list of them"
NUMBER = 'expected text, got a number, which loses leading zeros; send all digits in quotes, like "003"'


def asked(field: str, op: str, *value: object) -> Condition:
    return Condition.model_validate({"field": field, "op": op} | ({"value": value[0]} if value else {}))


def refusals(**given: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Condition.model_validate(given)
    return {".".join(map(str, error["loc"])): error["msg"] for error in caught.value.errors()}


class TestFields:
    @pytest.mark.parametrize("field", [*sorted(PATHS), "extras.crmId", "extras.a.b", "extras.Größe 2"])
    def test_every_field_of_a_record_can_be_asked_for(self, field: str) -> None:
        assert asked(field, "missing").field == field

    @pytest.mark.parametrize(
        ("field", "sentence"),
        [
            ("vatid", "'vatid' is unknown; did you mean vatId?"),
            ("plz", "'plz' is unknown; did you mean postcode?"),
            ("contacts.mail", "'contacts.mail' is unknown; did you mean customerContacts.email?"),
            (
                "customerDeliveryAddresses.city",
                "'customerDeliveryAddresses.city' is unknown; did you mean deliveryAddresses.city?",
            ),
            ("metadata.crmId", "'metadata.crmId' is unknown; did you mean extras.crmId?"),
            ("extras.", "'extras.' is unknown; did you mean extras?"),
            (
                "lieferadressen.vatId",
                (
                    "'lieferadressen.vatId' is unknown; "
                    "deliveryAddresses has id, name, address, postcode, city, country, note"
                ),
            ),
            ("shoe size", "'shoe size' is unknown"),
        ],
    )
    def test_an_unknown_field_is_refused_with_the_one_probably_meant(self, field: str, sentence: str) -> None:
        assert refusals(field=field, op="missing") == {"field": sentence}


class TestOps:
    @pytest.mark.parametrize(
        ("op", "sentence"),
        [
            ("equals", "'equals' is unknown; did you mean eq?"),
            ("!=", "'!=' is unknown; did you mean ne?"),
            ("startsWith", "'startsWith' is unknown; did you mean starts_with?"),
            ("is_null", "'is_null' is unknown; did you mean missing?"),
            ("between", f"'between' is unknown; use one of {CHOICE}"),
            (None, f"'None' is unknown; use one of {CHOICE}"),
        ],
    )
    def test_an_unknown_op_is_refused_with_the_one_probably_meant(self, op: object, sentence: str) -> None:
        assert refusals(field="city", op=op) == {"op": sentence}

    @pytest.mark.parametrize(
        ("field", "op", "suited"),
        [
            ("customerContacts", "eq", "missing, present"),
            ("extras", "contains", "missing, present"),
            ("createdAt", "eq", "before, after, starts_with, missing, present"),
            ("city", "before", "eq, ne, in, contains, starts_with, missing, present, invalid"),
            ("isCompany", "contains", "eq, ne, in, missing, present, invalid"),
            ("id", "invalid", "eq, ne, in, contains, starts_with, missing, present"),
            ("extras.a", "invalid", "eq, ne, in, contains, starts_with, missing, present, before, after"),
            ("customerContacts.id", "invalid", "eq, ne, in, contains, starts_with, missing, present"),
        ],
    )
    def test_an_op_that_does_not_suit_a_field_is_refused_with_those_that_do(
        self, field: str, op: str, suited: str
    ) -> None:
        assert refusals(field=field, op=op, value="x") == {
            "op": f"{op} does not suit {field}; use one of {suited}"
        }


class TestValues:
    @pytest.mark.parametrize(
        ("field", "op", "value", "wanted"),
        [
            ("city", "eq", "Berlin", ("Berlin",)),
            ("city", "in", "Berlin", ("Berlin",)),
            ("city", "in", ["Berlin", "Wien"], ("Berlin", "Wien")),
            ("isCompany", "eq", "True", ("true",)),
            ("isCompany", "in", [False], ("false",)),
            ("extras.amount", "eq", 5.0, ("5",)),
            ("extras.amount", "eq", 2.5, ("2.5",)),
            ("extras.active", "eq", True, ("true",)),
            ("city", "missing", None, ()),
        ],
    )
    def test_a_value_is_compared_as_text(
        self, field: str, op: str, value: object, wanted: tuple[str, ...]
    ) -> None:
        assert asked(field, op, value).wanted == wanted

    @pytest.mark.parametrize(
        ("field", "op", "value", "sentence"),
        [
            ("city", "missing", "x", "missing takes no value; leave it out"),
            ("city", "present", "", "present takes no value; leave it out"),
            ("email", "invalid", True, "invalid takes no value; leave it out"),
            ("city", "eq", None, f"eq needs a value; {MISSING}"),
            ("city", "in", ["Berlin", None], f"in needs a value; {MISSING}"),
            ("city", "in", [], "in needs a list of at least one value"),
            ("city", "eq", ["Berlin"], f"eq {SCALAR}"),
            ("city", "contains", {"a": 1}, f"contains {SCALAR}"),
            ("city", "in", [["Berlin"]], f"in {SCALAR}"),
            ("city", "contains", " ", f"has nothing to compare; {MISSING}"),
            ("vatId", "contains", "-", f"has nothing to compare; {MISSING}"),
            ("city", "starts_with", "\u0301", f"has nothing to compare; {MISSING}"),
            ("customerId", "eq", 3, NUMBER),
            ("postcode", "in", ["10115", 1067], NUMBER),
            ("city", "eq", True, "expected text, got true or false"),
            ("isCompany", "eq", "ja", "expected true or false, got text"),
            ("isCompany", "eq", 1, "expected true or false, got a number"),
            (
                "createdAt",
                "after",
                "31.01.2026",
                "after takes an ISO date or date-time, such as 2026-01-31, got '31.01.2026'",
            ),
        ],
    )
    def test_a_value_that_would_match_no_or_every_customer_is_refused(
        self, field: str, op: str, value: object, sentence: str
    ) -> None:
        assert refusals(field=field, op=op, value=value) == {"value": sentence}

    def test_a_missing_value_is_refused_if_the_op_needs_one(self) -> None:
        assert refusals(field="city", op="eq") == {"value": f"eq needs a value; {MISSING}"}

    def test_all_errors_are_reported_at_once(self) -> None:
        assert refusals(field="vat", op="equals", value=3, negate=True) == {
            "field": "'vat' is unknown; did you mean vatId?",
            "op": "'equals' is unknown; did you mean eq?",
            "negate": "Extra inputs are not permitted",
        }

    def test_a_condition_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            asked("city", "missing").op = "present"
