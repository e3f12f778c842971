"""Placeholders: text that fills a field in order to say that its value is missing ("folgt", "n/a", "-")."""

import re
from unicodedata import normalize

_LETTERS = re.compile(r"[^\W\d_]+")
_NOTHING = re.compile("(xx+)?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_IDENTIFIERS = ("Id", "No", "Number", "postcode", "invoiceProfile")
"""Ends of the names of fields whose real values have digits, so that one word is enough."""
_CLEAR = re.compile(
    r"folg(t|en|end)|follows?|nach(ge|zu)?(reich|trag|frag|hol|liefer|sand|send)\w*|ergaenz\w*|mitgeteilt"
    r"|mitzuteilen|unbek(annt\w*)?|unknown|kein(e[nrs]?)?|nichts?|not|fehl(t|en|end\w*)|entf(aellt)?|siehe"
    r"|dit?to|ausstehend\w*|pending|await(ing|ed)|beantragt|angefordert|(bekannt|an)gegeben|uebermittelt"
    r"|(un)?geklaert|klaer(en|ung)|(er|ge|an|rueck)frag(e|en|t)|ruecksprache|platzhalter|placeholder|dummy"
    r"|todo|undefined|unspecified|unavailable|inconnue?|aucune?|neant|sconosciut[oa]|nessun[oa]|tb[acd]"
)
_AMBIGUOUS = """
above announced bearbeitung below blank confirmed defined determined empty leer missing na nan nein nil no
none null oben offen ohne steht test unten
"""
"""Of a name or a place these count only beside other such words: Leer is a town, Null a surname."""
_FILLERS = """
adresse anforderung angabe angaben anhang anlage anschrift applicable as auf aus available bald be bekannt
bestellung bitte by das dem den der die done e erforderlich erhalten gegeben gesondert given id im in is ist
known kuerze kunde kunden leider leitweg lieferadresse liegt mail nach name noch noetig nr nummer per plz
provided rechnung rechnungsadresse relevant s see separat sind soon spaeter specified strasse telefon the to
uns verfuegbar vertrag verzogen vom von vor vorhanden werden wie will wird yet zu zutreffend
"""
_SHORT = "ka kv na nb nn nv oa so su tba tbc tbd"
AMBIGUOUS, FILLERS, ABBREVIATIONS = (frozenset(words.split()) for words in (_AMBIGUOUS, _FILLERS, _SHORT))


def is_placeholder(field: str, text: str) -> bool:
    """Whether the text has no digit but 0, and no letters, only x, or words that say a value is missing.

    Of an identifier one such word is enough, of other fields all words have to be of this kind, of an address
    for e-mail those on both sides.
    """
    if "@" in text:
        local, _at, domain = text.rpartition("@")
        return all(is_placeholder(field, part) for part in (local, domain.rpartition(".")[0] or domain))
    if any(char.isdecimal() and int(char) for char in text):
        return False
    words = _LETTERS.findall(normalize("NFKC", text).casefold().translate(_UMLAUTS))
    letters, identifies = "".join(words), field.endswith(_IDENTIFIERS)
    several = identifies or len(words) > 1
    if _NOTHING.fullmatch(letters) or (several and letters in ABBREVIATIONS):
        return True
    telling = {word for word in words if _CLEAR.fullmatch(word) or (several and word in AMBIGUOUS)}
    return bool(telling) and (identifies or {*words} <= telling | FILLERS)
