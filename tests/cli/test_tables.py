"""Tables for a terminal of a given width."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.cli.tables import MAX_LINES, table, wrapped

UUID = "6e80fa48-9b0b-4a16-b72f-2bb83586fca7"


def test_wide_letters_and_accents_keep_their_columns() -> None:
    rows: list[list[JsonValue]] = [["東京商事", 1], ["Mu\u0308ller", None], ["a\nb", True]]
    assert table(["name", "n"], rows, 80) == [
        "name      n",
        "東京商事  1",
        "Mu\u0308ller",
        "a b       true",
    ]


def test_wide_columns_are_narrowed_first_and_their_cells_wrapped_between_words() -> None:
    rows: list[list[JsonValue]] = [[UUID, "50667", "Immobilien Hahn GmbH & Co. KG"]]
    assert table(["id", "postcode", "name"], rows, 70) == [
        f"id{' ' * 36}postcode  name",
        f"{UUID}  50667     Immobilien Hahn GmbH &",
        f"{' ' * 48}Co. KG",
    ]


def test_an_id_is_never_cut() -> None:
    assert table(["id", "postcode", "name"], [["x" * 36, "50667", "y" * 50]], 40) is None


def test_ids_of_one_cell_all_stay() -> None:
    ids: list[JsonValue] = [f"{UUID[:-2]}{n}" for n in range(10, 10 + 2 * MAX_LINES)]
    lines = table(["reason", "ids"], [["gone", ids]], 50)
    assert lines is not None
    assert [line.split()[-1].strip(";") for line in lines[1:]] == ids


def test_a_table_with_too_many_columns_for_the_width_is_none() -> None:
    assert table(["abcdefgh"] * 20, [["x" * 9] * 20], 80) is None


def test_a_column_can_be_aligned_to_the_right() -> None:
    assert table(["tool", "bytes"], [["a", "1,000"], ["b", "7"]], 80, right=("bytes",)) == [
        "tool  bytes",
        "a     1,000",
        "b         7",
    ]


def test_a_very_long_word_is_cut_in_linear_time() -> None:
    rows: list[list[JsonValue]] = [["x" * 1_000_000]]
    assert table(["note"], rows, 40) == ["note", "x" * 39 + "…"]


def test_of_a_very_long_text_the_beginning_is_shown() -> None:
    rows: list[list[JsonValue]] = [["ab " * 100_000]]
    lines = table(["note"], rows, 40)
    assert lines is not None
    assert (len(lines), lines[-1][-3:]) == (1 + MAX_LINES, "b …")


@pytest.mark.parametrize(
    ("text", "indent", "first", "lines"),
    [
        ("eins zwei drei", "", "", ["eins zwei", "drei"]),
        ("eins zwei drei", "   ", "1. ", ["1. eins", "   zwei", "   drei"]),
        ("Donaudampfschiffahrt ja", "", "", ["Donaudampfschiffahrt", "ja"]),
        ("東京 商事 x", "", "", ["東京 商事", "x"]),
        ("", "", "name ", ["name "]),
    ],
)
def test_lines_end_between_words(text: str, indent: str, first: str, lines: list[str]) -> None:
    assert wrapped(text, 10, indent, first) == lines
