"""Splitting a firm's name into its core and its legal form, in many spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.insight.legal_forms import split_form
from faktoora_mcp.insight.normalization import folded

GERMAN = {
    "Müller GmbH": "GmbH",
    "Müller, GmbH": "GmbH",
    "MÜLLER GMBH": "GmbH",
    "Müller G.m.b.H.": "GmbH",
    "Müller G. m. b. H.": "GmbH",
    "Müller-GmbH": "GmbH",
    "Müller (GmbH)": "GmbH",
    "Müller mbH": "GmbH",
    "Müller Gesellschaft mit beschränkter Haftung": "GmbH",
    "Müller gGmbH": "gGmbH",
    "Müller gemeinnützige GmbH": "gGmbH",
    "Müller UG": "UG",
    "Müller UG (haftungsbeschränkt)": "UG",
    "Müller UG haftungsbeschränkt": "UG",
    "Müller AG": "AG",
    "Müller A.G.": "AG",
    "Müller Aktiengesellschaft": "AG",
    "Müller KG": "KG",
    "Müller KGaA": "KGaA",
    "Müller oHG": "OHG",
    "Müller GbR": "GbR",
    "Müller e.K.": "e.K.",
    "Müller e. K.": "e.K.",
    "Müller eK": "e.K.",
    "Müller e.Kfr.": "e.K.",
    "Müller e.V.": "e.V.",
    "Müller eG": "eG",
    "Müller SE": "SE",
    "Müller PartG mbB": "PartG mbB",
}
TOGETHER = {
    "Müller GmbH & Co. KG": "GmbH & Co. KG",
    "Müller GmbH & Co KG": "GmbH & Co. KG",
    "Müller GmbH und Co. KG": "GmbH & Co. KG",
    "Müller GmbH u. Co. KG": "GmbH & Co. KG",
    "Müller GmbH + Co.KG": "GmbH & Co. KG",
    "Müller G.m.b.H. & Co. K.G.": "GmbH & Co. KG",
    "Müller GmbH & Co. KGaA": "GmbH & Co. KGaA",
    "Müller UG (haftungsbeschränkt) & Co. KG": "UG & Co. KG",
    "Müller SE & Co. KG": "SE & Co. KG",
    "Müller Stiftung & Co. KG": "Stiftung & Co. KG",
}
ABROAD = {
    "Müller GesmbH": "GmbH",
    "Müller Ges.m.b.H.": "GmbH",
    "Müller Gesellschaft m.b.H.": "GmbH",
    "Müller e.U.": "e.U.",
    "Müller OG": "OG",
    "Müller Sàrl": "GmbH",
    "Müller S.à r.l.": "GmbH",
    "Müller Sagl": "GmbH",
    "Müller SA": "AG",
    "Müller S.A.": "AG",
    "Müller Ltd.": "Ltd",
    "Müller Limited": "Ltd",
    "Müller, Inc.": "Inc",
    "Müller LLC": "LLC",
    "Müller S.r.l.": "S.r.l.",
    "Müller S.p.A.": "S.p.A.",
    "Müller B.V.": "B.V.",
    "Müller SAS": "SAS",
    "Müller A/S": "AS",
    "Müller OÜ": "OÜ",
    "Müller Sp. z o.o.": "Sp. z o.o.",
    "Müller s.r.o.": "s.r.o.",
}
OF_ONE_WHO_STOPS = {
    "Müller GmbH i.L.": "GmbH",
    "Müller GmbH i. L.": "GmbH",
    "Müller AG (in Liquidation)": "AG",
    "Müller UG i.Gr.": "UG",
}


@pytest.mark.parametrize(("name", "form"), (GERMAN | TOGETHER | ABROAD | OF_ONE_WHO_STOPS).items())
def test_a_form_at_the_end_is_recognized_in_every_spelling(name: str, form: str) -> None:
    assert split_form(name) == ("mueller", form)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Müller & Co. AG", ("mueller & co", "AG")),
        ("Müller & Co. GmbH & Co. KG", ("mueller & co", "GmbH & Co. KG")),
        ("Shenzhen Trading Co., Ltd.", ("shenzhen trading co", "Ltd")),
        ("Gesellschaft für Bauwesen mbH", ("gesellschaft fuer bauwesen", "GmbH")),
        ("Steuerberatungs-GmbH", ("steuerberatungs", "GmbH")),
        ("Straße  1\tGmbH", ("strasse 1", "GmbH")),
    ],
)
def test_the_name_before_the_form_stays(name: str, parts: tuple[str, str]) -> None:
    assert split_form(name) == parts


@pytest.mark.parametrize(
    "name",
    [
        "Bäckerei Schröder",
        "Agil",
        "Müller Agil",
        "Müller Seil",
        "Haftung",
        "GmbH Müller",
        "Müller Stiftung",
        "",
    ],
)
def test_a_name_without_a_form_is_only_folded(name: str) -> None:
    assert split_form(name) == (folded(name), "")


@pytest.mark.parametrize(
    "name", ["AG", "GmbH", "G.m.b.H.", "GmbH & Co. KG", "S.A.S.", "GmbH i.L.", "...", "&"]
)
def test_a_name_that_is_only_a_form_keeps_it(name: str) -> None:
    assert split_form(name) == (folded(name), "")


@given(st.text())
def test_no_name_becomes_empty(name: str) -> None:
    core, form = split_form(name)
    assert folded(name).startswith(core)
    assert core or (not folded(name) and not form)


@given(st.text("abc gmbhAGKUo.&,() ", max_size=30), st.sampled_from(["GmbH", "AG", "e.K.", "UG", "SE"]))
def test_an_appended_form_is_always_found(name: str, form: str) -> None:
    assert not any(letter.isalnum() for letter in name) or split_form(f"{name} Bau {form}")[1] == form
