"""Aggregation of many customers: rows, groups, lists that were not loaded."""

import tracemalloc
from collections.abc import Iterable

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.aggregation import Aggregation, AggregationResult, Question
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.insight.groups import DISTINCT_LABELS, Group, Groups, Rest
from faktoora_mcp.rules.findings import found

Record = dict[str, JsonValue]
NO_EMAIL = (found("lacks", "email", field="email"),)
COLUMNS = ("id", "customerId", "name", "postcode", "city", "country")


def condition(field: str, op: str, value: object = None) -> Condition:
    return Condition.model_validate({"field": field, "op": op, "value": value})


def aggregated(question: Question, records: Iterable[Record]) -> AggregationResult:
    aggregation = Aggregation(question)
    for record in records:
        aggregation.add(Customer(record))
    return aggregation.result()


def cities(*names: str | None) -> list[Record]:
    return [{"id": str(place), "city": name} for place, name in enumerate(names)]


def ids(question: Question, records: Iterable[Record]) -> list[object]:
    return [row[0] for row in aggregated(question, records).rows]


class TestRows:
    def test_without_customers_everything_is_zero(self) -> None:
        assert aggregated(Question(), []) == AggregationResult(0, 0, COLUMNS, ())

    def test_the_usual_columns_tell_customers_apart(self) -> None:
        person: Record = {"id": 7, "firstName": "Erika", "lastName": "Muster", "city": " Wien"}
        assert aggregated(Question(), [person]) == AggregationResult(
            1, 1, COLUMNS, ((7, None, "Erika Muster", None, " Wien", None),)
        )

    def test_a_check_adds_its_reason(self) -> None:
        question = Question(check=CHECKS["no_email"], fields=("id",))
        assert aggregated(question, [{"id": "1"}, {"id": "2", "email": "a@b.de"}]) == AggregationResult(
            2, 1, ("id", "reason"), (("1", NO_EMAIL),)
        )

    def test_conditions_and_check_must_both_hold(self) -> None:
        question = Question((condition("city", "eq", "Wien"),), CHECKS["no_email"], fields=("id",))
        records: list[Record] = [{"id": "1"}, {"id": "2", "city": "Wien", "email": "x"}, *cities("Wien")]
        assert aggregated(question, records).rows == (("0", NO_EMAIL),)

    def test_chosen_fields_bring_the_id_along(self) -> None:
        chosen = [Question(fields=fields).columns for fields in (("city",), ("city", "id"), ())]
        assert chosen == [("id", "city"), ("city", "id"), COLUMNS]

    def test_fields_of_entries_and_of_extras_can_be_columns(self) -> None:
        record: Record = {
            "id": "1",
            "customerContacts": [{"email": "a"}, {"email": None}, {"email": "b"}],
            "extras": {"crm": {"id": 1}},
        }
        question = Question(
            fields=("customerContacts.email", "extras.crm", "extras.none", "customerContacts")
        )
        assert aggregated(question, [record]).rows == (
            ("1", ["a", "b"], {"id": 1}, None, record["customerContacts"]),
        )

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("city", ["3", "0", "4", "1", "2"]),
            ("-city", ["1", "4", "0", "3", "2"]),
            ("id", ["0", "1", "2", "3", "4"]),
            ("-id", ["4", "3", "2", "1", "0"]),
        ],
    )
    def test_rows_are_sorted_without_case_and_umlauts_and_missing_values_come_last(
        self, sort: str, order: list[str]
    ) -> None:
        assert ids(Question(sort=sort), cities("Öhringen", "Wien", None, "aachen", "Ofen")) == order

    def test_numbers_are_sorted_as_numbers(self) -> None:
        records: list[Record] = [{"id": str(number), "extras": {"sum": number}} for number in (9, 10, 2.5)]
        assert ids(Question(sort="-extras.sum"), records) == ["10", "9", "2.5"]

    def test_by_default_they_are_sorted_by_display_name(self) -> None:
        records: list[Record] = [
            {"id": "1", "name": "Zorn AG"},
            {"id": "2", "firstName": "Ärna", "lastName": "M"},
        ]
        assert ids(Question(), records) == ["2", "1"]

    def test_only_the_first_rows_are_kept_and_all_customers_are_counted(self) -> None:
        records = cities(*(f"{number:04}" for number in reversed(range(1_000))))
        answer = aggregated(Question(fields=("city",), sort="city", limit=2), records)
        assert answer == AggregationResult(1_000, 1_000, ("id", "city"), (("999", "0000"), ("998", "0001")))

    def test_a_limit_of_0_only_counts(self) -> None:
        assert aggregated(Question(limit=0), cities("Wien")) == AggregationResult(1, 1, COLUMNS, ())


class TestGroups:
    @staticmethod
    def counted(paths: tuple[str, ...], records: Iterable[Record]) -> tuple[tuple[Group, ...], Rest | None]:
        answer = aggregated(Question(group_by=paths, limit=0), records)
        return answer.groups, answer.rest

    def test_spellings_are_counted_together_and_the_most_common_is_shown(self) -> None:
        records = cities("WIEN", "Wien ", "Wien", "München", "Muenchen", "münchen", "münchen", None, " ")
        assert self.counted(("city",), records) == (
            (
                Group(("münchen",), 3),
                Group(("Wien",), 3),
                Group((None,), 2),
                Group(("Muenchen",), 1),
            ),
            None,
        )

    def test_equal_groups_are_sorted_by_name_and_missing_values_come_last(self) -> None:
        groups, _ = self.counted(("city",), cities(None, "Wien", "Öhringen", "Aachen"))
        assert [group.label for group in groups] == [("Aachen",), ("Öhringen",), ("Wien",), (None,)]

    def test_two_fields_are_counted_as_pairs(self) -> None:
        records: list[Record] = [
            {"id": "1", "city": "Wien", "isCompany": True},
            {"id": "2", "city": "Wien", "isCompany": False},
            {"id": "3", "city": "wien", "isCompany": True},
        ]
        assert self.counted(("city", "isCompany"), records) == (
            (Group(("Wien", "true"), 2), Group(("Wien", "false"), 1)),
            None,
        )

    def test_a_customer_counts_once_for_each_distinct_value_of_a_list(self) -> None:
        entries: list[JsonValue] = [{"city": "Wien"}, {"city": "WIEN"}, {"city": "Graz"}]
        records: list[Record] = [{"id": "1", "deliveryAddresses": entries}, {"id": "2"}]
        groups, _ = self.counted(("deliveryAddresses.city",), records)
        assert [(group.label[0], group.customers) for group in groups] == [
            ("Graz", 1),
            ("WIEN", 1),
            (None, 1),
        ]

    def test_the_smaller_groups_are_summed_up(self) -> None:
        records = cities("Wien", "Wien", *(f"{number:03}" for number in range(60)))
        groups, rest = self.counted(("city",), records)
        assert (groups[0], len(groups), rest) == (Group(("Wien",), 2), 50, Rest(11, 11))

    def test_a_question_mark_counts_by_whether_the_field_is_filled(self) -> None:
        records: list[Record] = [
            {"id": "1", "email": "a@b.de", "customerContacts": [{"email": "c@b.de"}, {"email": "d@b.de"}]},
            {"id": "2", "email": " ", "customerContacts": [{"email": None}]},
            {"id": "3", "customerContacts": []},
        ]
        for path, groups in (
            ("email?", {("true",): 1, ("false",): 2}),
            ("customerContacts.email?", {("true",): 1, ("false",): 2}),
            ("customerContacts?", {("true",): 2, ("false",): 1}),
            ("extras.crm?", {("false",): 3}),
        ):
            counts, _ = self.counted((path,), records)
            assert {group.label: group.customers for group in counts} == groups

    def test_a_question_mark_beside_another_field_counts_pairs(self) -> None:
        records: list[Record] = [{"id": "1", "city": "Wien", "email": "a"}, {"id": "2", "city": "Wien"}]
        groups, _ = self.counted(("city", "email?"), records)
        assert groups == (Group(("Wien", "false"), 1), Group(("Wien", "true"), 1))

    def test_only_the_beginning_of_a_long_text_counts(self) -> None:
        groups, _ = self.counted(("city",), cities("x" * 300 + "1", "x" * 300 + "2"))
        assert groups == (Group(("x" * 300,), 2),)

    def test_beyond_the_limit_of_groups_customers_are_still_counted(self) -> None:
        groups = Groups(("id",))
        for number in (*range(DISTINCT_LABELS + 3), 0):
            groups.add(Customer({"id": number}))
        shown, rest = groups.largest(1)
        assert (shown, rest) == (
            (Group(("0",), 2),),
            Rest(DISTINCT_LABELS - 1, DISTINCT_LABELS + 2, exact=False),
        )

    @pytest.mark.parametrize(
        ("question", "rows"),
        [
            (Question(), 20),
            (Question(group_by=("city",)), 0),
            (Question(group_by=("city",), check=CHECKS["no_email"], sort="city"), 0),
            (Question(group_by=("city",), fields=("id",)), 20),
            (Question(group_by=("city",), limit=3), 3),
            (Question(group_by=("city",), fields=("id",), limit=0), 0),
            (Question(limit=0), 0),
        ],
    )
    def test_rows_beside_groups_are_shown_where_fields_or_a_limit_ask_for_them(
        self, question: Question, rows: int
    ) -> None:
        answer = aggregated(question, cities(*["Wien"] * 30))
        assert (answer.matched, len(answer.rows)) == (30, rows)

    def test_only_matching_customers_are_counted(self) -> None:
        question = Question((condition("city", "present"),), group_by=("city",), limit=0)
        assert aggregated(question, cities(None, "Wien")).groups == (Group(("Wien",), 1),)


class TestRelations:
    ASKED = Question(
        where=(condition("customerContacts.email", "missing"),),
        group_by=("deliveryAddresses.country",),
        sort="-importedFile",
    )

    @pytest.mark.parametrize(
        ("fields", "relations"),
        [
            (("city", "extras.a"), ()),
            (("customerContacts.email",), ("customerContacts",)),
            (("deliveryAddresses", "deliveryAddresses.city"), ("customerDeliveryAddresses",)),
            (("importedFile", "invoiceTemplate"), ("importedFile", "invoiceTemplate")),
        ],
    )
    def test_fields_that_only_a_relation_shows_request_it_once(
        self, fields: tuple[str, ...], relations: tuple[str, ...]
    ) -> None:
        assert Question(fields=fields).relations == relations

    def test_every_part_of_a_question_requests_the_relations_it_needs(self) -> None:
        assert self.ASKED.relations == ("importedFile", "customerContacts", "customerDeliveryAddresses")

    def test_lists_that_no_record_contains_are_named(self) -> None:
        records: list[Record] = [
            {"id": "1", "customerContacts": None},
            {"id": "2", "deliveryAddresses": []},
        ]
        assert aggregated(self.ASKED, records).not_loaded == ("customerContacts",)

    def test_a_question_names_all_its_fields(self) -> None:
        question = Question(
            (condition("vatId", "missing"),), CHECKS["no_email"], ("city", "email?"), ("note",), "-taxId"
        )
        assert question.paths == ("vatId", "email", "city", "note", "taxId")


def test_memory_is_bounded_for_any_number_of_customers() -> None:
    aggregation = Aggregation(Question(group_by=("note",), limit=5))
    tracemalloc.start()
    for number in range(3_000):
        aggregation.add(Customer({"id": number, "name": f"{number}", "note": "x" * 10_000}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000
