"""Which texts only say that a value is missing."""

import pytest

from faktoora_mcp.rules.placeholders import is_placeholder

MISSING = """
-|--|...|…|?|/|***|_|XXX|xx-xx|0|000|n/a|N.A.|k.A.|s.o.|k. A.|s. o.|T.B.D.|tbd|folgt|FOLGT|unbekannt
keine|kein|entfällt|dito|fehlt|unknown|pending|nachzureichen|Platzhalter|beantragt|inconnu|sconosciuto
wird nachgereicht|Wird noch nachgereicht!|folgt noch|keine Angabe|keine Angaben|nicht vorhanden
nicht bekannt|siehe oben|wie oben|wird ergänzt|wird ergaenzt|wird noch mitgeteilt|in Klärung|auf Anfrage
steht noch aus|noch offen|ohne Angabe|fehlt noch|not available|to be determined|to follow|not applicable
wird nachgetragen|folgt später|see above|liegt nicht vor|wird gesondert übermittelt
wird noch bekanntgegeben|in Bearbeitung|bitte erfragen|not yet known|nach Rücksprache|Adresse folgt
Straße unbekannt|unbekannt verzogen|Unbekannter Kunde
"""
IN_IDENTIFIERS_ONLY = [
    "NA",
    "leer",
    "ohne",
    "none",
    "null",
    "nil",
    "NaN",
    "offen",
    "test",
    "no",
    "nein",
    "KA",
]
NAMES = """
Leer|Ohne|None|Null|Anna Null|See|Offenbach|Stadt Leer|Landkreis Leer|NA|SO|Folgner GmbH|Folgt Bau GmbH|Oben
Keiner & Söhne|Unbekannt Verlag|Siehe da GmbH|Ö|X|X-Bau|Am Klärwerk|Test GmbH|Nichtweiler|Rückert
Ditto Print AG|東京|Xaver
"""


def texts(table: str) -> list[str]:
    return table.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize(
    "field", ["routeId", "peppolId", "vatId", "postcode", "name", "city", "address", "email"]
)
@pytest.mark.parametrize("text", [*texts(MISSING), "\u2013"])
def test_text_that_says_a_value_is_missing_is_a_placeholder(field: str, text: str) -> None:
    assert is_placeholder(field, text)


@pytest.mark.parametrize("text", IN_IDENTIFIERS_ONLY)
def test_a_word_that_is_also_a_name_is_one_in_an_identifier_only(text: str) -> None:
    assert is_placeholder("routeId", text)
    assert not is_placeholder("city", text)


@pytest.mark.parametrize("field", ["name", "city", "address", "country"])
@pytest.mark.parametrize("text", texts(NAMES))
def test_names_and_places_are_no_placeholders(field: str, text: str) -> None:
    assert not is_placeholder(field, text)


@pytest.mark.parametrize(
    "text",
    [
        "Leitweg-ID wird vom Amt nachgereicht",
        "Nummer bitte beim Einkauf erfragen",
        "lt. Frau Müller unbekannt",
        "Buyer reference not provided by customer",
    ],
)
def test_one_such_word_is_enough_in_an_identifier(text: str) -> None:
    assert is_placeholder("routeId", text)
    assert not is_placeholder("name", text)


@pytest.mark.parametrize(
    "text", ["keine@keine.de", "unbekannt@unbekannt.example", "n.a@n.a.de", "-@-", "xx@xx.at"]
)
def test_an_address_for_mail_is_one_if_both_sides_are(text: str) -> None:
    assert is_placeholder("email", text)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("routeId", "991-03730-19"),
        ("routeId", "Bestellung 7, folgt"),
        ("routeId", "Einkauf Nord"),
        ("routeId", "Abteilung Offenbach"),
        ("postcode", "00115"),
        ("postcode", "SW1A 1AA"),
        ("vatId", "DE136695976"),
        ("peppolId", "0204:991-03730-19"),
        ("email", "keine@firma.example"),
        ("email", "offen@firma.example"),
        ("email", "info@unbekannt.example"),
        ("email", "leer@leer.de"),
        ("address", "Ohne Angabe 7"),
        ("address", "Obere Straße ½"),
    ],
)
def test_a_value_is_no_placeholder(field: str, text: str) -> None:
    assert not is_placeholder(field, text)
