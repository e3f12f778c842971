"""Tax numbers: the forms of the German Länder and of other countries, always as warnings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faktoora_mcp.rules import tax_numbers
from faktoora_mcp.rules.check_digits import Outcome, best

GOOD = [
    *(("AL", "J91402501L"), ("AT", "59-119/9013"), ("AT", "591199013"), ("AT", "12 345/6782")),
    *(("BE", "0428.759.497"), ("BE", "85.07.30-033.28"), ("BG", "175074752"), ("BG", "7523169263")),
    *(("CH", "CHE-107.787.577"), ("CH", "756.9217.0769.85"), ("CH", "123.456.78"), ("CY", "10259033P")),
    *(("CZ", "25123891"), ("DK", "13585628"), ("EE", "12345678"), ("ES", "A13585625"), ("ES", "54362315-K")),
    *(("FI", "2077474-0"), ("FI", "131052-308T"), ("FR", "784 301 772"), ("FR", "784 301 772 00025")),
    *(("FR", "3023217600053"), ("GB", "1955839661"), ("GB", "123/AB456"), ("GB", "QQ 12 34 56 C")),
    *(("GR", "094259216"), ("HR", "33392005961"), ("HU", "12892312-2-42"), ("HU", "12892312")),
    *(
        ("HU", "8123456789"),
        ("IE", "6433435F"),
        ("IE", "6433435FT"),
        ("IE", "8D79739I"),
        ("IS", "450401-3150"),
        ("IT", "00743110157"),
    ),
    *(("IT", "RCCMNL83S18D969H"), ("LT", "111963319"), ("LT", "38703181745"), ("LU", "19982209876")),
    *(("LV", "40003521600"), ("ME", "02655284"), ("MK", "4030000375897"), ("NL", "111222333")),
    *(("NO", "974 760 673"), ("NO", "974 760 673 MVA"), ("PL", "856-73-46-215"), ("PL", "44051401359")),
    *(("PT", "501 964 843"), ("RO", "18547290"), ("RO", "1630615123457"), ("RS", "101134702")),
    *(
        ("SE", "556188-8404"),
        ("SE", "19811218-9876"),
        ("SE", "556188840401"),
        ("SI", "50223054"),
        ("SK", "2020317068"),
    ),
    *(("TR", "4540536920"), ("TR", "17291716060"), ("US", "12-3456789")),
]
GERMAN = [
    *(
        "2893/815/08152",
        "289381508152",
        "2893 815 08152",
        "9181/815/08155",
        "5133/8150/8159",
        "1121/815/08150",
    ),
    *("3048/815/08155", "2475/815/08152", "2202/815/08156", "2613/815/08153", "4079/815/08151"),
    *("2324/815/08151", "2722/815/08154", "1010/815/08182", "3201/123/12340", "3101/815/08154"),
    *("2129/815/08158", "4151/815/08156", "2866081508156", "5133081508159", "93815/08152", "181/815/08155"),
]
NOT_GERMAN = [
    *(
        "1234/567/89012",
        "6001/815/08155",
        "0472480661811",
        "12/345/678",
        "123456789",
        "HRB 12345",
        "2893-A15-08152",
    ),
    *("289381508152345", "99"),
]
WRONG_DIGIT = [
    *(("AT", "12-345/6789"), ("BE", "0428.759.498"), ("BG", "175074753"), ("CH", "CHE-107.787.578")),
    *(("CH", "756.9217.0769.84"), ("CZ", "25123892"), ("DK", "13585627"), ("ES", "A13585626")),
    *(("ES", "54362315-A"), ("FI", "2077474-1"), ("FR", "784301773"), ("FR", "3023217600054")),
    *(("GB", "2955839661"), ("GR", "094259217"), ("HR", "33392005962"), ("HU", "12892313-2-42")),
    *(("IE", "6433435E"), ("IT", "00743110158"), ("LT", "111963318"), ("LV", "40003521601")),
    *(("NL", "111222334"), ("NO", "974760674"), ("PL", "8567346216"), ("PT", "501964842")),
    *(("RO", "18547291"), ("SE", "5561888405"), ("SI", "50223055"), ("SK", "2020317069")),
]
WRONG_FORM = [
    *(
        ("AT", "12-345/678"),
        ("AT", "ATU1234"),
        ("CH", "CHE-107.787.57"),
        ("FR", "123"),
        ("HU", "12892312-9-42"),
    ),
    *(("IT", "123456789"), ("NL", "12345"), ("PL", "12345"), ("US", "123")),
]


def doubts(country: str | None, text: str) -> list[str]:
    return [finding.code for finding in tax_numbers.warnings(text, country)]


@pytest.mark.parametrize(("country", "text"), [*GOOD, *(("DE", number) for number in GERMAN)])
def test_a_number_of_the_country_raises_no_doubt(country: str, text: str) -> None:
    assert doubts(country, text) == []


def test_every_country_of_the_table_has_a_good_number_here() -> None:
    assert {country for country, _number in GOOD} == tax_numbers.FORMS.keys()


@pytest.mark.parametrize("text", NOT_GERMAN)
def test_a_number_that_fits_no_land_is_doubted(text: str) -> None:
    assert doubts("DE", text) == ["tax_form_de"]


@pytest.mark.parametrize(("country", "text"), WRONG_DIGIT)
def test_a_wrong_check_digit_is_doubted(country: str, text: str) -> None:
    assert doubts(country, text) == ["tax_check_digit"]


@pytest.mark.parametrize(("country", "text"), WRONG_FORM)
def test_a_number_in_another_form_is_doubted(country: str, text: str) -> None:
    assert doubts(country, text) == ["tax_form"]


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("DE", "DE136695976"),
        ("AT", "ATU13585627"),
        ("CH", "CHE-107.787.577 MWST"),
        ("IT", "IT00743110157"),
        ("GB", "GB980780684"),
        ("NO", "NO974760673MVA"),
    ],
)
def test_a_vat_id_is_told_apart(country: str, text: str) -> None:
    assert doubts(country, text) == ["tax_is_vat"]


def test_the_number_of_a_person_is_told_apart_from_a_steuernummer() -> None:
    assert doubts("DE", "12345678911") == ["tax_is_idnr"]


@pytest.mark.parametrize(("country", "text"), [("LI", "2458973"), ("JP", "x"), (None, "12345")])
def test_a_country_without_rules_is_not_judged(country: str | None, text: str) -> None:
    assert doubts(country, text) == []


@given(st.sampled_from(("DE", *tax_numbers.FORMS)), st.text() | st.text("0123456789ABCXK/-. ", max_size=20))
@settings(max_examples=500, deadline=None)
def test_any_text_gets_at_most_one_doubt(country: str, text: str) -> None:
    assert len(doubts(country, text)) <= 1


@given(st.from_regex("[0-9]{8}", fullmatch=True))
def test_an_austrian_number_passes_with_one_last_digit_only(body: str) -> None:
    passing = [last for last in "0123456789" if not doubts("AT", body + last)]
    assert len(passing) == 1


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [(["form", "fine"], "fine"), (["form", "checksum"], "checksum"), (["form"], "form"), ([], "form")],
)
def test_of_several_checks_one_has_to_agree(outcomes: list[Outcome], verdict: Outcome) -> None:
    assert best(outcomes) == verdict
