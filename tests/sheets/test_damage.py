"""Damage by spreadsheets and wrong encodings: what is seen in a cell, and what it probably was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.answers.english import SENTENCES
from faktoora_mcp.sheets.damage import Damage, damage_of
from faktoora_mcp.sheets.rows import HOUSE_NUMBER

LETTERS = "abcxyzABCÄÖÜäöüßé"


def found(field: str, text: str) -> tuple[str, str | None] | None:
    damage = damage_of(field, text)
    return (damage.code, damage.meant) if damage else None


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("MÃ¶bel", "twice_encoded", "Möbel"), ("StraÃŸe", "twice_encoded", "Straße"),
        ("Ã\u2013BB", "twice_encoded", "ÖBB"), ("MÃƒÂ¶bel", "twice_encoded", "Möbel"),
        ("M√∂bel", "twice_encoded", "Möbel"),
        ("Citroën â€œMöbelâ€\x9d", "twice_encoded", "Citroën \u201cMöbel\u201d"),
        ("M÷bel", "wrong_encoding", "Möbel"), ("M³ller", "wrong_encoding", "Müller"),
        ("M\x81ller", "wrong_encoding", "Müller"), ("J„ger", "wrong_encoding", "Jäger"),
        ("M&uuml;ller &amp; Co", "escaped", "Müller & Co"), ("M%C3%BCller", "escaped", "Müller"),
        (r"M\u00fcller", "escaped", "Müller"), ("Haus_x000D_", "escaped", "Haus"),
        ("M\ufffdller", "lost_characters", None), ("M?ller", "lost_characters", None),
        ("Mül\u00adler", "invisible", "Müller"),
        *((error, "excel_error", None) for error in ("#NV", "#N/A", "#NAME?", "#REF!", "#BEZUG!", "#WERT!")),
        *((error, "excel_error", None) for error in ("#DIV/0!", "#ZAHL!", "#ÜBERLAUF!", "Err:502")),
        ("###", "too_narrow", None), ("########", "too_narrow", None),
        ('="00042"', "formula", "00042"), ('=T("Haus")', "formula", "Haus"), ("=A1&B1", "formula", None),
        ("'00042", "text_mark", "00042"), ("'+49 30", "text_mark", "+49 30"), ("'=1", "formula", None),
        ('"Haus ""Sonne"""', "quotes", 'Haus "Sonne"'), ('Haus ""Sonne"" KG', "quotes", 'Haus "Sonne" KG'),
        ("TRUE", "truth_word", None), ("FALSCH", "truth_word", None),
        ("NULL", "empty_word", ""), ("nan", "empty_word", ""), ("4E+12", "rounded", None),
    ],
)  # fmt: skip
def test_damage_in_any_text_is_named_with_what_it_probably_was(
    text: str, code: str, meant: str | None
) -> None:
    for field in ("name", "city"):
        assert found(field, text) == (code, meant)
        assert (code if meant is None else f"{code}_meant") in SENTENCES


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("4E+12", "rounded", None), ("1,5e+9", "rounded", None), ("4.01E+12", "rounded", None),
        ("1,067E+03", "rounded", "1067"), ("42.0", "decimal", "42"), ("42,00", "decimal", "42"),
        ("1.234.567", "grouped", "1234567"), ("1,234,567", "grouped", "1234567"),
        ("1\u202f234\u202f567", "grouped", "1234567"), ("1'234'567", "grouped", "1234567"),
        ("01.02.2024", "date", "1-2 or 1/2"), ("2024-02-01", "date", "1-2 or 1/2"),
        ("2024-02-01 00:00:00", "date", "1-2 or 1/2"), ("1/2/2024", "date", "1-2 or 1/2"),
        ("2/24/2024", "date", "2-24 or 2/24"), ("Feb 2000", "date", None),
        ("Feb 24", "date", "2-24 or 2/24"), ("Mrz 24", "date", "3-24 or 3/24"),
        ("01. Feb", "date", "1-2 or 1/2"), ("1-Feb", "date", "1-2 or 1/2"),
        ("Oct-12", "date", "10-12 or 10/12"),
    ],
)  # fmt: skip
def test_a_number_that_became_another_one_or_a_date_is_named(text: str, code: str, meant: str | None) -> None:
    for field in (HOUSE_NUMBER, "customerId"):
        assert found(field, text) == (code, meant)
        assert (code if meant is None else f"{code}_meant") in SENTENCES


def test_damage_under_damage_is_one_finding_with_the_text_below_both() -> None:
    assert found("name", '="MÃ¶bel"') == ("formula", "Möbel")
    assert found("name", "'=A1") == ("formula", None)
    assert found(HOUSE_NUMBER, "'01.02.2024") == ("date", "1-2 or 1/2")


def test_very_many_layers_are_not_all_removed() -> None:
    damage = damage_of("name", "&" + "amp;" * 5_000)
    assert damage
    assert damage.code == "escaped"


def test_an_address_may_end_with_a_date_that_was_a_house_number() -> None:
    assert damage_of("address", "Weg 01.02.2024") == Damage(
        "date", "Weg 01.02.2024", "1-2 or 1/2", guess=True
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("customerId", "01.02.2024"), ("lastName", "NULL"), ("name", "TRUE"), ("supplierNumber", "Feb 24"),
    ],
)  # fmt: skip
def test_what_may_be_meant_as_it_stands_is_doubtful(field: str, text: str) -> None:
    damage = damage_of(field, text)
    assert damage
    assert damage.doubtful


def test_what_a_date_was_is_a_guess_and_no_repair() -> None:
    damage = damage_of(HOUSE_NUMBER, "01.02.2024")
    assert damage
    assert damage.repair is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "Müller & Söhne"), ("name", "AT&T"), ("name", "R&D; Co"), ("name", "E.ON"), ("name", "1&1"),
        ("name", "3M"), ("name", "Why? GmbH"), ("name", "50% Rabatt"), ("name", "Café ☕ Mond"),
        ("name", "Preis€wert"), ("name", "Blumen®Meyer"), ("name", "„Sonne“ KG"), ("name", "L'Oréal"),
        ("name", 'Haus "Sonne" KG'), ("name", "Société Générale"), ("name", "Łódzki Młyn"),
        ("name", "#1 Shop"),
        ("name", "True GmbH"), ("name", "2024 Holding"),
        ("name", "13.14.2024"), ("name", "Firma C#"), ("lastName", "O\u2019Neill"),
        ("lastName", "Júlia Árnadóttir"), ("lastName", "Šimůnek"), ("city", "'s-Hertogenbosch"),
        ("city", "São Paulo"), ("city", "Åre"), ("address", "Straße des 17. Juni 135"),
        ("address", "C 4, 12"),
        ("address", "Hauptstr. 12/14"), ("address", "Straße des 1. Mai"), ("address", "Weg 1.2"),
        ("phoneNo", "030/12/34"), ("phoneNo", "030.123.456"), ("phoneNo", "+49 (0)30 90-18"),
        ("customerId", "K-1"), ("customerId", "2024-17"), ("customerId", "4E2"), ("customerId", "10/2024"),
        ("taxId", "21/815/08150"), ("vatId", "CHE-123.456.788"), ("note", "seit 01.02.2024"),
        ("note", "01.02.2024"), ("category", "TRUE"), ("email", "a?b@firma.de"),
        ("glnId", "4 012345 00000 9"),
        ("isCompany", "TRUE"), ("postcode", "01067"), (HOUSE_NUMBER, "5 a"), (HOUSE_NUMBER, "1-3"),
        (HOUSE_NUMBER, "2/4"), ("createdAt", "2024-02-01"), ("", "1.234,50"), ("", "01.02.2024"),
    ],
)  # fmt: skip
def test_a_sound_text_has_no_damage(field: str, text: str) -> None:
    assert damage_of(field, text) is None


@given(st.text(LETTERS, min_size=2), st.sampled_from(["cp1252", "latin-1", "mac_roman"]))
def test_a_text_that_was_encoded_twice_is_restored_or_left(text: str, encoding: str) -> None:
    try:
        seen = text.encode().decode(encoding)
    except UnicodeDecodeError:
        return
    damage = damage_of("name", seen)
    assert damage is None or damage.meant in (text, None)


@given(st.sampled_from(["name", "customerId", "address", "phoneNo", "note", ""]), st.text(min_size=1))
def test_any_text_has_some_damage_or_none_and_a_repair_differs_from_it(field: str, text: str) -> None:
    damage = damage_of(field, text)
    assert damage is None or damage.meant != text


@given(
    st.sampled_from(["name", "customerId", "address", ""]),
    st.text("'=\"#?&;+.,0123EWAHR\u00c3\u00b6\ufffd ", min_size=1),
)
def test_every_damage_can_be_told(field: str, text: str) -> None:
    damage = damage_of(field, text)
    assert damage is None or (damage.code if damage.meant is None else f"{damage.code}_meant") in SENTENCES
