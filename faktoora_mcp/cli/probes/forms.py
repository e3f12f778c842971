"""What `faktoora-mcp doctor --api` can show about the forms of an API, in German and English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from faktoora_mcp.language import Language

UNKNOWN, UNTESTED, NOT_TRIED = "unknown", "untested", "not_tried"

FORMS_TITLES: dict[Language, str] = {
    "en": "Forms of this API, and the request that showed each:",
    "de": "Formen dieser API, und die Anfrage, die es jeweils gezeigt hat:",
}


class Texts(NamedTuple):
    en: str
    de: str


@dataclass(frozen=True, slots=True)
class Form:
    """What was found about one point, and the request that showed it, without values of customers."""

    point: str
    answer: str
    request: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def is_known(self) -> bool:
        return self.answer not in (UNKNOWN, UNTESTED, NOT_TRIED)

    def text(self, language: Language) -> str:
        """The point, and what was found about it."""
        index = Texts._fields.index(language)
        answer = (ANSWERS[self.point] | COMMON)[self.answer][index]
        return f"{POINTS[self.point][index]}: {answer}".format_map(self.facts)

    def as_object(self, language: Language) -> dict[str, JsonValue]:
        facts = {name: value for name, value in self.facts.items() if isinstance(value, (str, int))}
        head: dict[str, JsonValue] = {"point": self.point, "known": self.is_known, "answer": self.answer}
        request = {"request": self.request} if self.request else {}
        return {**head, **facts, "message": self.text(language), **request}


POINTS: dict[str, Texts] = {
    "envelope": Texts("Form of a list", "Form einer Liste"),
    "total": Texts("Number of customers", "Zahl der Kunden"),
    "page_size": Texts("Customers on a page", "Kunden auf einer Seite"),
    "search": Texts("Keyword search", "Stichwortsuche"),
    "search_field": Texts("The search covers {field}", "Die Suche umfasst {field}"),
    "search_inside": Texts("The search finds parts of words", "Die Suche findet Teile von Wörtern"),
    "search_case": Texts("The search ignores case", "Die Suche beachtet Groß- und Kleinschreibung nicht"),
    "search_umlaut_case": Texts("Ü finds ü", "Ü findet ü"),
    "search_transcribed": Texts("ue finds ü", "ue findet ü"),
    "search_base_letter": Texts("u finds ü", "u findet ü"),
    "several_keywords": Texts("Several keywords", "Mehrere Stichwörter"),
    "unknown_id": Texts("An unknown id is answered with", "Auf eine unbekannte Id antwortet die API mit"),
    "relations_list": Texts("The list gives relations", "Die Liste liefert Relationen"),
    "relations_get": Texts("One customer comes with relations", "Ein einzelner Kunde kommt mit Relationen"),
    "api_keys": Texts("The API lists its keys", "Die API listet ihre Schlüssel auf"),
    "changes": Texts("Changing and clearing fields", "Ändern und Leeren von Feldern"),
}
COMMON: dict[str, Texts] = {
    "yes": Texts("yes", "ja"),
    "no": Texts("no", "nein"),
    UNKNOWN: Texts("not known; the answer does not show it", "nicht bekannt; die Antwort zeigt es nicht"),
    UNTESTED: Texts(
        "not known; no customer is suited to show it", "nicht bekannt; kein Kunde ist geeignet, es zu zeigen"
    ),
}
ANSWERS: dict[str, dict[str, Texts]] = {point: dict[str, Texts]() for point in POINTS} | {
    "envelope": {
        "data": Texts(*['{{"data": […], "meta": {{…}}}}'] * 2),
        "results": Texts(*['{{"results": […], "pagination": {{…}}}}'] * 2),
        "bare": Texts("a bare array", "ein bloßes Array"),
    },
    "total": {
        "body": Texts("given with the list", "steht bei der Liste"),
        "header": Texts("given in X-Total-Count", "steht in X-Total-Count"),
        "no": Texts("not given", "wird nicht genannt"),
    },
    "page_size": {
        "accepted": Texts("{size} are given", "{size} werden geliefert"),
        "clamped": Texts("never more than {size}", "nie mehr als {size}"),
        "refused": Texts(
            "{size} are given, {refused} are refused", "{size} werden geliefert, {refused} werden abgelehnt"
        ),
        "few": Texts(
            "{size} may be asked for; there are too few customers to see whether they come",
            "{size} dürfen verlangt werden; ob sie kommen, ist bei so wenigen Kunden nicht zu sehen",
        ),
    },
    "search": {
        "works": Texts("a word that nobody has finds nobody", "ein Wort, das niemand hat, findet niemanden"),
        "ignored": Texts("keywords have no effect", "Stichwörter bewirken nichts"),
    },
    "several_keywords": {
        "all": Texts("all of them must match", "alle müssen passen"),
        "any": Texts("one of them is enough", "eines genügt"),
        "one": Texts("only one of them counts", "nur eines zählt"),
    },
    "unknown_id": {
        "status": Texts(*["{status}"] * 2),
        "code": Texts("{status} and {code}", "{status} und {code}"),
    },
    "api_keys": {
        "forbidden": Texts("not to this key (403)", "nicht für diesen Schlüssel (403)"),
    },
    "changes": {
        NOT_TRIED: Texts(
            "not tried, because this only reads; the server learns the form from its first change",
            "nicht probiert, denn hier wird nur gelesen; der Server lernt die Form bei der ersten Änderung",
        ),
    },
}  # fmt: skip
"""By point and answer, beside those of COMMON."""
