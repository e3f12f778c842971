"""Values made fit for an answer: clean, bounded, within a byte budget, and never cut without notice."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.answers.budget import (
    CELL_CHARS,
    CONTENT_BYTES,
    ENTRIES,
    LEVELS,
    PLACEHOLDER_BYTES,
    PagePart,
    bounded_value,
    first_texts,
    first_that_fit,
    fitted_pairs,
    fitted_record,
    fitted_row,
    part_that_fits,
    short_text,
    size,
)
from faktoora_mcp.text import INVISIBLE

ALL_CHARS = st.text(st.characters(exclude_categories=()), max_size=40)
SCALARS: st.SearchStrategy[JsonValue] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ALL_CHARS
    | ALL_CHARS.map(lambda text: text * 90)
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ALL_CHARS, inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> JsonValue:
    value: JsonValue = "deep"
    for _ in range(levels):
        value = [value]
    return value


class TestBoundedValue:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("Acme", "Acme"),
            ("Ac\u202eme\u200b\x00", "Acme"),
            ("half \ud800 a pair", "half  a pair"),
            ("two\nlines\tand a tab", "two\nlines\tand a tab"),
            ("x" * 22, "x" * 20 + "… [2 more characters]"),
            (None, None),
            (7, 7),
            (True, True),
            (1.5, 1.5),
            (float("inf"), "inf"),
            (float("nan"), "nan"),
            ([None, "a", {"b": None, "c": 1}], [None, "a", {"c": 1}]),
            ({"a\u200bb": {"c": None}}, {"ab": {}}),
        ],
    )  # fmt: skip
    def test_a_value_becomes_clean_and_bounded(self, value: JsonValue, expected: JsonValue) -> None:
        assert bounded_value(value, 20) == expected

    def test_a_long_key_is_bounded(self) -> None:
        assert bounded_value({"k" * 12: 1}, 10) == {"kkkkkkkkkk… [2 more characters]": 1}

    def test_a_long_list_says_how_many_more_there_are(self) -> None:
        numbers: list[JsonValue] = [*range(ENTRIES + 3)]
        assert bounded_value(numbers, 10) == [*range(ENTRIES), "[3 more entries]"]

    def test_a_list_of_exactly_the_limit_is_complete(self) -> None:
        numbers: list[JsonValue] = [*range(ENTRIES)]
        assert bounded_value(numbers, 10) == numbers

    def test_deep_nesting_is_replaced_by_a_placeholder(self) -> None:
        assert bounded_value(nested(LEVELS), 10) == nested(LEVELS)
        assert "[nested too deeply]" in json.dumps(bounded_value(nested(LEVELS + 1), 100))
        assert "[nested too deeply]" in json.dumps(bounded_value(nested(400), 100))

    @given(VALUES)
    def test_any_value_becomes_clean_json(self, value: JsonValue) -> None:
        text = to_json(bounded_value(value, 50)).decode()
        assert json.loads(text) == bounded_value(value, 50)
        assert not INVISIBLE.search(text)


class TestFittedRecord:
    def test_a_record_that_fits_loses_only_its_nulls(self) -> None:
        assert fitted_record({"a": None, "b": 1, "c": {"d": None}}, 10) == {"b": 1, "c": {}}

    def test_the_largest_value_is_replaced_first(self) -> None:
        record: dict[str, JsonValue] = {"note": "x" * 9_000, "name": "Acme", "extras": "y" * 8_000}
        seen = fitted_record(record, 20_000, budget=9_000)
        assert seen == {"note": "[9,002 bytes left out]", "name": "Acme", "extras": "y" * 8_000}

    def test_fields_over_budget_are_counted(self) -> None:
        record: dict[str, JsonValue] = {f"field{place}": place for place in range(2_000)}
        seen = fitted_record(record, 10)
        *kept, last = seen
        assert kept == [f"field{place}" for place in range(len(kept))]
        assert (last, seen[last]) == (f"[{2_000 - len(kept):,} more]", "[left out]")

    def test_a_key_is_cleaned_and_bounded(self) -> None:
        assert fitted_record({"a\u202eb": 1, "k" * 400: 2}, 10) == {"ab": 1, short_text("k" * 400): 2}

    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(ALL_CHARS, VALUES, max_size=40), st.integers(500, 5_000))
    def test_it_stays_within_the_budget(self, record: dict[str, JsonValue], budget: int) -> None:
        assert size(fitted_record(record, 2_000, budget)) <= budget + len("{}")


class TestFittedPairs:
    def test_pairs_that_fit_stay_as_they_are(self) -> None:
        assert fitted_pairs({"city": ("Berlin", "Hamburg"), "note": (None, "x")}, 1_000) == {
            "city": ["Berlin", "Hamburg"],
            "note": [None, "x"],
        }

    def test_the_largest_side_is_replaced_first(self) -> None:
        contacts: list[JsonValue] = [{"lastName": "Muster"}] * 40
        seen = fitted_pairs({"customerContacts": (contacts, []), "city": ("Berlin", "Hamburg")}, 500)
        assert seen == {"customerContacts": ["[881 bytes left out]", []], "city": ["Berlin", "Hamburg"]}

    def test_pairs_over_budget_are_counted(self) -> None:
        seen = fitted_pairs({f"field{place}": (place, place + 1) for place in range(100)}, 1_000)
        *kept, last = seen
        assert (last, seen[last]) == (f"[{100 - len(kept)} more]", ["[left out]", "[left out]"])

    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(st.text("abc.0123", max_size=30), st.tuples(VALUES, VALUES), max_size=30))
    def test_it_stays_within_the_budget_and_keeps_pairs(
        self, pairs: dict[str, tuple[JsonValue, JsonValue]]
    ) -> None:
        seen = fitted_pairs(pairs, 2_000)
        assert size(seen) <= 2_000 + 4 * len(seen)
        assert all(len(pair) == 2 for pair in seen.values())


class TestFittedRow:
    def test_a_row_that_fits_stays_as_it_is(self) -> None:
        assert fitted_row(["a", None, 1]) == ["a", None, 1]

    def test_the_largest_value_is_replaced_first(self) -> None:
        assert fitted_row(["a" * 50, "b" * 500, "c" * 400], 500) == [
            "a" * 50,
            "[502 bytes left out]",
            "c" * 400,
        ]

    @given(st.lists(st.text(max_size=200), max_size=20))
    def test_it_stays_within_a_budget_that_placeholders_fit(self, row: list[str]) -> None:
        budget = PLACEHOLDER_BYTES * len(row) + 10
        assert size(fitted_row(row, budget)) <= budget + len("[]")


class TestFirstThatFit:
    def test_values_that_fit_are_all_kept(self) -> None:
        assert first_that_fit(["a", {"b": 1}], 14) == ["a", {"b": 1}]

    def test_the_first_value_over_budget_ends_it(self) -> None:
        assert first_that_fit(["a", "b" * 9, "c"], 12) == ["a"]

    def test_the_overhead_counts_for_each_value(self) -> None:
        assert first_that_fit(["a", "b"], 24, overhead=8) == ["a", "b"]
        assert first_that_fit(["a", "b"], 23, overhead=8) == ["a"]

    @given(st.lists(VALUES, max_size=12), st.integers(2, 200))
    def test_the_list_stays_within_the_budget(self, values: list[JsonValue], budget: int) -> None:
        kept = first_that_fit([bounded_value(value, 20) for value in values], budget)
        assert size(kept) <= budget + len("]")


class TestFirstTexts:
    def test_texts_that_fit_are_all_kept(self) -> None:
        assert first_texts(["a", "b"], 1_000) == ["a", "b"]

    def test_the_last_says_how_many_more_there_are(self) -> None:
        assert first_texts(["x" * 97] * 1_234, 1_000) == [*["x" * 97] * 9, "[1,225 more]"]

    @given(st.lists(ALL_CHARS, max_size=60), st.integers(100, 900), st.integers(0, 80))
    def test_every_text_is_kept_or_counted(self, texts: list[str], budget: int, overhead: int) -> None:
        kept = first_texts(texts, budget, overhead)
        more = len(texts) - len(kept)
        if kept != texts:
            said = re.fullmatch(r"\[([0-9,]+) more\]", kept[-1])
            assert said
            assert int(said[1].replace(",", "")) == more + 1
            assert kept[:-1] == texts[: len(kept) - 1]


class TestPartThatFits:
    def test_a_page_that_fits_stays_as_it_is(self) -> None:
        assert part_that_fits([["a"]] * 20, 3, 20) == PagePart(20, 3, 20)

    def test_a_short_last_page_that_fits_keeps_its_size(self) -> None:
        assert part_that_fits([["a"]] * 3, 3, 20) == PagePart(3, 3, 20)

    @pytest.mark.parametrize("per_page", [97, 53, 47, 20])
    def test_of_a_first_page_all_that_fits_is_shown_whatever_the_size(self, per_page: int) -> None:
        assert part_that_fits(rows_of(1_200, per_page), 1, per_page) == PagePart(18, 1, 18)

    @pytest.mark.parametrize(
        ("page", "per_page", "fitting", "part"),
        [
            (2, 20, 13, PagePart(10, 3, 10)),
            (3, 100, 30, PagePart(25, 9, 25)),
            (2, 97, 22, PagePart(22, 7, 17)),
            (4, 47, 30, PagePart(27, 7, 24)),
            (5, 18, 17, PagePart(12, 7, 12)),
            (2, 1_999, 2, PagePart(2, 2_001, 1)),
        ],
    )
    def test_of_a_later_page_the_rows_end_where_the_next_one_begins(
        self, page: int, per_page: int, fitting: int, part: PagePart
    ) -> None:
        rows = rows_of(1_000, fitting + 1)
        assert part_that_fits(rows, page, per_page, budget=fitting * (size(rows[0]) + 1)) == part

    def test_where_not_even_one_row_fits_it_is_one(self) -> None:
        assert part_that_fits(rows_of(2 * CONTENT_BYTES, 20), 2, 20) == PagePart(1, 21, 1)

    @given(st.lists(st.integers(0, 9_000), max_size=40), st.integers(1, 50), st.integers(1, 100))
    def test_rows_and_page_size_are_at_least_half_of_what_fits(
        self, sizes: list[int], page: int, per_page: int
    ) -> None:
        rows = [["x" * length] for length in sizes[:per_page]]
        part, fitting = part_that_fits(rows, page, per_page), len(first_that_fit(rows, CONTENT_BYTES)) or 1
        assert part.rows <= fitting
        assert len(rows) <= fitting or min(part.rows, part.per_page) * 2 >= fitting
        assert len(rows) <= fitting or part.page * part.per_page == (page - 1) * per_page + part.rows

    def test_a_larger_budget_never_means_fewer_rows_of_a_first_page(self) -> None:
        rows = rows_of(500, 60)
        counts = [part_that_fits(rows, 1, 60, budget).rows for budget in range(500, 40_000, 500)]
        assert all(few <= many for few, many in pairwise(counts))


def rows_of(bytes_each: int, count: int) -> list[list[str]]:
    return [["x" * bytes_each]] * count


def test_a_short_text_is_clean_and_bounded() -> None:
    assert short_text("a\u200bb") == "ab"
    assert short_text("x" * (CELL_CHARS + 1)) == "x" * CELL_CHARS + "… [1 more characters]"
