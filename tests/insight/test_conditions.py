"""Valid conditions, and the errors for invalid ones."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from faktoora_mcp.insight.conditions import OPS, Condition
from faktoora_mcp.insight.paths import PATHS
from faktoora_mcp.rules.validation import RULED
from tests.told import said

CHOICE = ", ".join(OPS)
WORDS = "eq, ne, in, contains, starts_with, ends_with, not_contains"
MISSING = "op missing finds empty fields"
SCALAR = "takes one text, number or true or false; only in takes a list of them"
NUMBER = 'expected text, got a number, which loses leading zeros; send all digits in quotes, like "003"'


def asked(field: str, op: str, *value: object) -> Condition:
    return Condition.model_validate({"field": field, "op": op} | ({"value": value[0]} if value else {}))


def refusals(**given: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Condition.model_validate(given)
    return {".".join(map(str, error["loc"])): said(error) for error in caught.value.errors()}


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
            (None, f"must be text; use one of {CHOICE}"),
        ],
    )
    def test_an_unknown_op_is_refused_with_the_one_probably_meant(self, op: object, sentence: str) -> None:
        assert refusals(field="city", op=op) == {"op": sentence}

    @pytest.mark.parametrize(
        ("field", "op", "suited"),
        [
            ("customerContacts", "eq", "missing, present"),
            ("extras", "contains", "missing, present"),
            ("createdAt", "eq", "before, after, from, until, starts_with, missing, present"),
            ("city", "before", f"{WORDS}, missing, present"),
            ("email", "from", f"{WORDS}, missing, present, invalid"),
            ("isCompany", "contains", "eq, ne, in, missing, present, invalid"),
            ("isCompany", "not_contains", "eq, ne, in, missing, present, invalid"),
            ("customerContacts", "ends_with", "missing, present"),
        ],
    )
    def test_an_op_that_does_not_suit_a_field_is_refused_with_those_that_do(
        self, field: str, op: str, suited: str
    ) -> None:
        assert refusals(field=field, op=op, value="x") == {
            "op": f"{op} does not suit {field}; use one of {suited}"
        }

    @pytest.mark.parametrize(
        "field",
        [
            *("name", "city", "note", "category", "id", "createdAt", "extras", "extras.email"),
            *("customerContacts", "customerContacts.position", "deliveryAddresses.city"),
        ],
    )
    def test_values_of_a_field_without_a_rule_cannot_be_invalid(self, field: str) -> None:
        assert refusals(field=field, op="invalid") == {
            "op": "no rule for this field; fields with a rule: country, dunsId, email, glnId, "
            "invoiceProfile, isCompany, peppolId, phoneNo, postcode, routeId, taxId, vatId"
        }

    @pytest.mark.parametrize(
        "field", [*sorted(RULED), "customerContacts.email", "deliveryAddresses.postcode"]
    )
    def test_values_of_a_field_with_a_rule_can_be_invalid(self, field: str) -> None:
        assert asked(field, "invalid").wanted == ()

    @pytest.mark.parametrize(
        ("op", "meant"),
        [
            *(("<=", "until"), (">=", "from"), ("since", "from"), ("<", "before"), (">", "after")),
            *(("endswith", "ends_with"), ("not_like", "not_contains")),
        ],
    )
    def test_another_word_for_an_op_leads_to_it(self, op: str, meant: str) -> None:
        assert refusals(field="city", op=op, value="x") == {"op": f"'{op}' is unknown; did you mean {meant}?"}


class TestAlternatives:
    HERE: ClassVar = {"field": "city", "op": "eq", "value": "Wien"}

    def test_conditions_of_which_one_must_hold_stand_in_any(self) -> None:
        condition = Condition.model_validate({"any": [self.HERE, {"field": "email", "op": "missing"}]})
        assert condition.any == (asked("city", "eq", "Wien"), asked("email", "missing"))
        assert condition.fields == ("city", "email")

    def test_a_single_one_may_stand_for_the_list(self) -> None:
        assert Condition.model_validate({"any": self.HERE}).any == (asked("city", "eq", "Wien"),)

    def test_alternatives_may_have_alternatives(self) -> None:
        inner = {"any": [self.HERE, {"field": "email", "op": "missing"}]}
        assert Condition.model_validate({"any": [inner, self.HERE]}).fields == ("city", "email", "city")

    def test_a_condition_beside_any_is_refused(self) -> None:
        assert refusals(any=[self.HERE], **self.HERE) == dict.fromkeys(
            self.HERE, "stands beside any; put it into one of its conditions"
        )

    @pytest.mark.parametrize("given", [{}, {"any": []}, {"any": None}])
    def test_without_alternatives_field_and_op_are_required(self, given: dict[str, object]) -> None:
        assert refusals(**given).keys() == {"field", "op"}

    def test_an_error_in_an_alternative_is_reported_once(self) -> None:
        assert refusals(any=[self.HERE, {"field": "citi", "op": "eq", "value": "Wien"}]) == {
            "any.1.field": "'citi' is unknown; did you mean city?"
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


class TestSeveralValues:
    def test_values_are_another_name_of_a_list_of_values(self) -> None:
        given = {"field": "country", "op": "in", "values": ["DE", "AT"]}
        assert Condition.model_validate(given) == asked("country", "in", ["DE", "AT"])

    def test_values_that_are_null_leave_the_value(self) -> None:
        given = {"field": "city", "op": "eq", "value": "Bonn", "values": None}
        assert Condition.model_validate(given) == asked("city", "eq", "Bonn")

    def test_a_value_and_values_are_refused(self) -> None:
        (sentence,) = refusals(field="city", op="in", value="Bonn", values=["Ulm"]).values()
        assert sentence == "give value or values, not both"

    def test_values_for_an_operator_that_compares_one_are_refused(self) -> None:
        assert refusals(field="city", op="eq", values=["Bonn", "Ulm"]) == {"value": f"eq {SCALAR}"}
