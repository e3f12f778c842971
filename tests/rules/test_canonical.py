"""One id written in several ways has one canonical form; two ids have two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.rules.canonical import canonical, email, identity

FIELDS = ("vatId", "taxId", "peppolId", "routeId", "glnId", "dunsId", "customerId", "phoneNo", "note")
LEITWEG = "04011000-1234512345-06"


@pytest.mark.parametrize(
    ("field", "spellings"),
    [
        ("vatId", ["DE136695976", "de 136 695 976", "DE-136.695.976", "USt-IdNr. DE136695976",
                   "\uff24E136695976"]),
        ("vatId", ["ATU13585627", "ATU 1358 5627", "UID: ATU13585627", "AT13585627"]),
        ("vatId", ["CHE-107.787.577 MWST", "CHE107787577", "CHE-107.787.577 TVA", "CHE 107 787 577 IVA",
                   "CHE-107.787.577 MWST/TVA/IVA", "CHE-107.787.577 MwSt.", "CHE-107.787.577 HR/MWST",
                   "UID CHE-107.787.577"]),
        ("vatId", ["EL094259216", "GR094259216", "EL 94259216"]),
        ("vatId", ["GB123456782", "XI123456782", "UK 123 4567 82"]),
        ("vatId", ["BE0428759497", "BE428759497", "BE 0428.759.497"]),
        ("vatId", ["NO995525828MVA", "NO 995 525 828"]),
        ("vatId", ["HU12892312", "HU12892312-2-42"]),
        ("vatId", ["NL004495445B01", "NL 0044.95.445.B.01", "BTW NL004495445B01"]),
        ("taxId", ["181/815/08155", "18181508155", "9181081508155", "9181/815/08155"]),
        ("taxId", ["93815/08152", "2893081508152", "2893/815/08152"]),
        ("taxId", ["12-345/6789", "12 345 6789"]),
        ("peppolId", ["0204:991-1-1", "iso6523-actorid-upis::0204:991-1-1",
                      "ISO6523-ACTORID-UPIS::0204:991-1-1", " 0204:991-1-1 ", "9958:991-1-1"]),
        ("peppolId", ["0192:995525828", "9908:995525828", "0192:995 525 828", "9909:NO995525828MVA"]),
        ("peppolId", ["0225:abc_def", "0225:ABC_DEF"]),
        ("peppolId", ["9930:DE136695976", "9930:136695976", "9930:de136695976", "9912:DE136695976"]),
        ("peppolId", ["0208:0428759497", "0208:BE0428759497", "9925:BE0428759497", "9925:BE428759497",
                      "9956:0428759497"]),
        ("peppolId", ["0183:CHE107787577", "0183:CHE-107.787.577", "9927:CHE107787577MWST"]),
        ("peppolId", ["0211:IT00743110157", "0211:00743110157", "9906:IT00743110157"]),
        ("peppolId", ["9933:EL094259216", "9933:GR094259216", "9933:094259216"]),
        ("routeId", [LEITWEG, f" {LEITWEG} ", f"0204:{LEITWEG}", f"iso6523-actorid-upis::0204:{LEITWEG}",
                     "04011000 \u2013 1234512345 \u2013 06"]),
        ("glnId", ["4012345000009", "40-12345-00000-9", "4012345 000009"]),
        ("dunsId", ["312345678", "31-234-5678"]),
        ("phoneNo", ["+49 (0)30 901820", "+49 30 901820", "0049 30 90 18 20", "+49-30/901820"]),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)  # fmt: skip
def test_one_id_has_one_form(field: str, spellings: list[str]) -> None:
    assert len({canonical(field, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("vatId", ["DE136695976", "DE136695977", "AT136695976", "ATU36695976"]),
        ("vatId", ["CHE107787577", "CHE116281710"]),
        ("vatId", ["BE0428759497", "BE1428759497", "LU428759497"]),
        ("vatId", ["IE1*23456W", "IE1+23456W", "IE123456W"]),
        ("vatId", ["GB123456782", "EL123456782"]),
        ("vatId", ["GB123456782", "GB123456782001"]),
        ("taxId", ["181/815/08155", "181/815/08156", "9182081508155", "9181181508155"]),
        ("peppolId", ["0204:991-1-1", "0208:991-1-1"]),
        ("peppolId", ["0192:995525828", "0184:99552582"]),
        ("glnId", ["4012345000009", "4012345000016"]),
        ("phoneNo", ["+49 30 901820", "+43 30 901820", "030 901820"]),
    ],
)
def test_two_ids_have_two_forms(field: str, texts: list[str]) -> None:
    assert len({canonical(field, text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("routeId", LEITWEG), ("peppolId", f"0204:{LEITWEG}")),
        (("routeId", LEITWEG), ("peppolId", f"9958:{LEITWEG}")),
        (("glnId", "4012345000009"), ("peppolId", "0088:4012345000009")),
        (("dunsId", "31-234-5678"), ("peppolId", "iso6523-actorid-upis::0060:312345678")),
        (("vatId", "DE 136695976"), ("peppolId", "9930:de136695976")),
        (("vatId", "CHE-107.787.577 MWST"), ("peppolId", "0183:CHE107787577")),
        (("vatId", "CHE-107.787.577 MWST"), ("peppolId", "9927:CHE107787577")),
        (("vatId", "BE428759497"), ("peppolId", "0208:0428759497")),
        (("vatId", "GR094259216"), ("peppolId", "9933:EL094259216")),
        (("vatId", "ATU13585627"), ("peppolId", "9914:ATU13585627")),
        (("vatId", "FR61 954 506 077"), ("peppolId", "9940:FR61954506077")),
        (("vatId", "DK13585628"), ("peppolId", "0184:13585628")),
        (("vatId", "DK13585628"), ("peppolId", "0198:DK13585628")),
        (("vatId", "NO 995 525 828 MVA"), ("peppolId", "0192:995525828")),
        (("vatId", "FI12345671"), ("peppolId", "0212:1234567-1")),
        (("vatId", "ATU13585627"), ("taxId", "ATU 13585627")),
        (("vatId", "IT00743110157"), ("peppolId", "0211:IT00743110157")),
    ],
)  # fmt: skip
def test_an_id_is_recognised_in_another_field(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert identity(*one) == identity(*other) != ""


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("vatId", "DE000000000"),
        ("vatId", "keine"),
        ("peppolId", "0204:000"),
        ("peppolId", "0088:0000000000000"),
        ("routeId", "Bestellung 4711"),
        ("routeId", "2024-17"),
        ("routeId", "991-03730-20"),
        ("customerId", "000"),
        ("glnId", "-"),
        ("taxId", ""),
    ],
)
def test_placeholders_and_other_references_identify_nobody(field: str, text: str) -> None:
    assert identity(field, text) == ""


def test_customer_numbers_are_compared_exactly() -> None:
    numbers = ("003", "3", "K-3", "k-3", "K3")
    assert len({identity("customerId", number) for number in numbers}) == len(numbers)


def test_a_phone_number_without_a_country_code_is_that_of_its_country() -> None:
    assert canonical("phoneNo", "030 901820", "DE") == canonical("phoneNo", "+49 30 901820", "AT")
    assert canonical("phoneNo", "030 901820", "AT") != canonical("phoneNo", "+49 30 901820", "AT")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Info@Firma.DE ", "info@firma.de"),
        ("info@xn--bung-zra.de", "INFO@\xdcbung.de"),
        ("info@\uff46irma.de", "info@firma.de"),
    ],
)
def test_an_email_has_one_form(one: str, other: str) -> None:
    assert email(one) == email(other)


def test_two_emails_have_two_forms() -> None:
    assert len({*map(email, ("a@b.de", "a@b.at", "a.b@b.de", "a@stra\xdfe.de", "a@xn--.de"))}) == 5


SIGNS = [*"0123456789ABCDEGLRUTX.-/: +*", "0204:", "9930:", "DE", "CHE", "MWST", "iso6523-actorid-upis::"]
TYPED = st.lists(st.sampled_from(SIGNS), max_size=12).map("".join)


@given(st.sampled_from(FIELDS), TYPED)
def test_case_and_outer_blanks_never_count(field: str, text: str) -> None:
    assert canonical(field, f" {text.lower()} ") == canonical(field, text.upper())


@given(st.sampled_from(FIELDS), st.text())
def test_any_text_has_a_form(field: str, text: str) -> None:
    form = canonical(field, text)
    assert bool(form) == bool(form.partition(":")[2])


@given(st.text(alphabet="aBcXN.-@9 "))
def test_case_and_outer_blanks_of_an_email_never_count(text: str) -> None:
    assert email(f" {text.lower()} ") == email(text.upper())
