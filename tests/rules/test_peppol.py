"""Peppol IDs: every scheme of the published lists has a verdict on its values."""

import json
import re
from pathlib import Path
from typing import Required, TypedDict, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faktoora_mcp.rules import peppol
from faktoora_mcp.rules.findings import found

DATA = Path(__file__).parent.parent / "data"


class Scheme(TypedDict, total=False):
    code: Required[str]
    state: Required[str]
    pattern: str


SCHEMES = cast(
    "list[Scheme]", json.loads((DATA / "peppol_schemes.json").read_text(encoding="utf-8"))["schemes"]
)
EAS = {code for code in json.loads((DATA / "eas_codes.json").read_text(encoding="utf-8")) if code.isdecimal()}
GOOD = """
    0002:784301772 0002:78430177200025 0007:5561888404 0009:78430177200025 0060:812810734
    0088:4000001000005 0096:1234567890 0097:12345678901 0106:64393438 0130:anything 0151:51824753556
    0154:25123891 0158:36562939 0183:CHE107787577 0184:13585628 0188:7000012050002
    0190:00000001820029336000 0191:10137025 0192:974760673 0195:SGUENT08GA0028A 0195:sguent08ga0028a
    0196:4504013150 0198:DK13585628 0199:529900T8BM49AURSDO55 0200:111963319 0200:121215434 0201:UF1234
    0204:991-03730-19 0204:04011000-1234512345-06 0208:0428759497
    0209:414541000099999325412345678901234567890 0210:RCCMNL83S18D969H 0210:00743110157
    0211:IT00743110157 0216:003720774740 0216:003720774740OVT1 0217:123456789012 0218:40003521600
    0218:123456789 0221:T7000012050002 0225:784301772_78430177200025 0230:C1234567890 0235:1234567890
    0240:19982209876 0242:000001 0242:000001-SMP 0244:1234567890123 0245:2020317068 0246:DE136695976
    0246:DE136695976-00001.ABT1 0248:OM1100003554 9910:HU12892312 9914:ATU13585627 9915:b
    9918:DE89370400440532013000 9919:R001A12345 9920:ESA13585625 9922:F132950Z 9923:J91402501L
    9923:ALJ91402501L 9924:BA200000010003 9925:BE0428759497 9926:BG175074752 9927:CHE107787577
    9927:CHE107787577MWST 9928:CY10259033P 9929:CZ25123891 9930:DE136695976 9930:de136695976
    9931:EE100931558 9932:GB980780684 9933:EL094259216 9934:HR33392005961 9935:IE6433435F
    9935:IE1*23456W 9936:12345 9937:LT119511515 9938:LU15027442 9939:LV40003521600 9940:FR53000004605
    9941:02655284 9942:MK4030000375897 9943:MT11679112 9944:NL004495445B01 9945:PL8567346215
    9946:PT501964843 9947:RO18547290 9947:RO1630615123457 9948:101134702 9949:SI50223054 9950:SK2020317068
    9951:SM24165 9952:4540536920 9953:anything 9957:FR61954506077 9959:123456789
"""
OTHER_SPELLINGS = [
    ("0002:784-301-772", "0002:784301772"),
    ("0007:556188-8404", "0007:5561888404"),
    ("0088:4000001-000005", "0088:4000001000005"),
    ("0151:51-824-753-556", "0151:51824753556"),
    ("0183:CHE-107.787.577", "0183:CHE107787577"),
    ("0183:107787577", "0183:CHE107787577"),
    ("0184:DK13585628", "0184:13585628"),
    ("0192:NO974760673MVA", "0192:974760673"),
    ("0198:13585628", "0198:DK13585628"),
    ("0208:BE0428759497", "0208:0428759497"),
    ("0208:0428.759.497", "0208:0428759497"),
    ("0211:00743110157", "0211:IT00743110157"),
    ("0245:SK2020317068", "0245:2020317068"),
    ("0246:136695976", "0246:DE136695976"),
    ("0248:1100003554", "0248:OM1100003554"),
    ("9910:12892312", "9910:HU12892312"),
    ("9914:U13585627", "9914:ATU13585627"),
    ("9914:AT13585627", "9914:ATU13585627"),
    ("9920:A13585625", "9920:ESA13585625"),
    ("9925:0428759497", "9925:BE0428759497"),
    ("9927:CHE-107.787.577", "9927:CHE107787577"),
    ("9930:136695976", "9930:DE136695976"),
    ("9933:GR094259216", "9933:EL094259216"),
    ("9944:004495445B01", "9944:NL004495445B01"),
    ("9957:61954506077", "9957:FR61954506077"),
]
WITHOUT_HINT = [
    *("0002:12345678", "0009:784301772", "0060:12345678", "0088:73513537", "0190:123", "0191:20137025"),
    *("0195:T08GA0028", "0201:UF12345", "0204:LEITWEG", "0235:2234567890", "0240:1", "0244:1"),
    *("0242:1234", "0246:DE136695976-1", "9915:1", "9918:COBADEFFXXX", "9930:DE012345678", "9959:1234"),
]
WRONG_DIGIT = """
    0002:784301773 0007:5561888405 0009:78430177200026 0088:4000001000004 0151:51824753557 0154:25123892
    0158:36562938 0183:CHE107787578 0184:13585627 0188:7000012050003 0191:10137026 0192:974760674
    0195:SGUENT08GA0028B 0196:4504013160 0198:DK13585627 0199:529900T8BM49AURSDO56 0200:111963318
    0204:991-03730-18 0208:0428759498 0211:IT00743110158 0216:003720774741 0245:2020317069
    0246:DE136695977 9910:HU12892313 9914:ATU13585626 9918:DE89370400440532013001 9925:BE0428759498
    9927:CHE107787578MWST 9930:DE123456789 9938:LU15027443 9957:FR62954506077
"""


def doubts(peppol_id: str) -> list[object]:
    scheme, _colon, value = peppol_id.partition(":")
    return list(peppol.warnings(scheme, value))


def test_every_scheme_of_the_published_lists_is_judged() -> None:
    retired = {scheme["code"] for scheme in SCHEMES if scheme["state"] != "active"}
    active = {scheme["code"] for scheme in SCHEMES} - retired
    assert peppol.RETIRED.keys() | peppol.REMOVED == retired
    assert peppol.FORMS.keys() | peppol.FORMLESS == active | (EAS - retired)
    assert peppol.FORMLESS.isdisjoint(peppol.FORMS)
    assert set(peppol.RETIRED.values()) <= active


def test_patterns_are_the_published_ones() -> None:
    assert {code: form.pattern for code, form in peppol.PUBLISHED.items()} == {
        scheme["code"]: scheme["pattern"]
        for scheme in SCHEMES
        if scheme["state"] == "active" and "pattern" in scheme
    }


def test_every_scheme_has_a_good_value_here() -> None:
    assert {peppol_id[:4] for peppol_id in GOOD.split()} >= peppol.FORMS.keys()


@pytest.mark.parametrize("peppol_id", GOOD.split())
def test_a_good_value_raises_no_doubt(peppol_id: str) -> None:
    assert doubts(peppol_id) == []


@pytest.mark.parametrize("peppol_id", WRONG_DIGIT.split())
def test_a_wrong_check_digit_is_doubted(peppol_id: str) -> None:
    assert doubts(peppol_id) == [found("peppol_check_digit", scheme=peppol_id[:4])]


@pytest.mark.parametrize(("peppol_id", "meant"), OTHER_SPELLINGS)
def test_another_spelling_is_doubted_with_the_value_that_was_meant(peppol_id: str, meant: str) -> None:
    rule, hint = peppol.FORMS[peppol_id[:4]].rule, found("did_you_mean", meant=meant)
    assert doubts(peppol_id) == [found("peppol_value_form", scheme=peppol_id[:4], rule=rule, hint=hint)]


@pytest.mark.parametrize("peppol_id", WITHOUT_HINT)
def test_a_value_that_cannot_be_guessed_is_doubted_without_a_hint(peppol_id: str) -> None:
    rule = peppol.FORMS[peppol_id[:4]].rule
    assert doubts(peppol_id) == [found("peppol_value_form", scheme=peppol_id[:4], rule=rule, hint=None)]


@pytest.mark.parametrize(("scheme", "successor"), peppol.RETIRED.items())
def test_a_retired_scheme_is_doubted_and_its_successor_named(scheme: str, successor: str) -> None:
    assert doubts(f"{scheme}:1") == [found("peppol_retired", scheme=scheme, successor=successor)]


@pytest.mark.parametrize("scheme", sorted(peppol.REMOVED))
def test_a_removed_scheme_without_a_successor_is_doubted(scheme: str) -> None:
    assert doubts(f"{scheme}:1") == [found("peppol_removed", scheme=scheme)]


def test_a_scheme_of_no_list_is_doubted() -> None:
    assert doubts("1234:abc") == [found("peppol_unlisted", scheme="1234")]


def test_characters_outside_ascii_are_doubted() -> None:
    assert doubts("0202:pec\u200b@x.it") == [found("not_ascii")]
    assert doubts("0106:6439343\u0668") == [found("not_ascii")]
    assert found("not_ascii") in doubts("0088:400000100000\u0665")


@given(st.sampled_from(sorted(peppol.FORMS)), st.data())
@settings(max_examples=300, deadline=None)
def test_a_value_in_the_form_of_its_scheme_is_doubted_for_its_check_at_most(
    scheme: str, data: st.DataObject
) -> None:
    form = peppol.FORMS[scheme]
    value = data.draw(st.from_regex(re.compile(form.pattern, re.ASCII), fullmatch=True))
    assert form.checks or doubts(f"{scheme}:{value}") == []
