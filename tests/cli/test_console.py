"""Tables for a terminal of a given width."""

from pydantic import JsonValue

from faktoora_mcp.cli.console import table


def test_wide_letters_and_accents_keep_their_columns() -> None:
    rows: list[list[JsonValue]] = [["東京商事", 1], ["Mu\u0308ller", None], ["a\nb", True]]
    assert table(["name", "n"], rows, 80) == [
        "name      n",
        "東京商事  1",
        "Mu\u0308ller",
        "a b       true",
    ]


def test_wide_columns_are_narrowed_first_and_cut_text_ends_in_an_ellipsis() -> None:
    rows: list[list[JsonValue]] = [["x" * 36, "50667", "y" * 50]]
    assert table(["id", "postcode", "name"], rows, 70) == [
        f"id{' ' * 36}postcode  name",
        f"{'x' * 36}  50667     {'y' * 21}…",
    ]


def test_an_id_is_never_cut() -> None:
    assert table(["id", "postcode", "name"], [["x" * 36, "50667", "y" * 50]], 40) is None


def test_a_table_with_too_many_columns_for_the_width_is_none() -> None:
    assert table(["abcdefgh"] * 20, [["x" * 9] * 20], 80) is None


def test_a_column_can_be_aligned_to_the_right() -> None:
    assert table(["tool", "bytes"], [["a", "1,000"], ["b", "7"]], 80, right=("bytes",)) == [
        "tool  bytes",
        "a     1,000",
        "b         7",
    ]


def test_a_very_long_cell_is_cut_in_linear_time() -> None:
    rows: list[list[JsonValue]] = [["x" * 1_000_000]]
    assert table(["note"], rows, 40) == ["note", "x" * 39 + "…"]
