"""Sentences that agents read in English, in German: why a list is refused, why not all was done."""

import re
from functools import cache

from faktoora_mcp.language import spoken

GERMAN = {
    "The file is empty.": "Die Datei ist leer.",
    "The file has headers, but no customers below them.": (
        "Die Datei hat Überschriften, aber darunter keine Kunden."
    ),
    "The file is larger than {0} MB. Split it.": "Die Datei ist größer als {0} MB. Teilen Sie sie.",
    "The file is not text in UTF-16, although it starts like that. {0}.": (
        "Die Datei ist kein Text in UTF-16, obwohl sie so beginnt. {0}."
    ),
    "The file is not text in UTF-8 or Windows-1252. {0}.": (
        "Die Datei ist kein Text in UTF-8 oder Windows-1252. {0}."
    ),
    "The file has NUL characters, so it is not a CSV file. {0}.": (
        "Die Datei enthält NUL-Zeichen, ist also keine CSV-Datei. {0}."
    ),
    "This is {0}, not a CSV file. {1}, and check the new file.": (
        "Das ist {0}, keine CSV-Datei. {1}, und prüfen Sie die neue Datei."
    ),
    "This is a DATEV export of {0}. Export the debtors (Debitoren) instead.": (
        "Das ist ein DATEV-Export von {0}. Exportieren Sie die Debitoren."
    ),
    "Row {0}, where the headers should be, cannot be read: are its quotation marks doubled and closed?": (
        "Zeile {0}, in der die Überschriften stehen sollten, ist nicht lesbar: Sind ihre Anführungszeichen "
        "verdoppelt und geschlossen?"
    ),
    "There is no column for {0}. The first row must hold headers such as Firma, Straße, PLZ, Ort, Land; "
    "{1}": (
        "Es fehlt eine Spalte für {0}. Die erste Zeile muss Überschriften wie Firma, Straße, PLZ, Ort, Land "
        "haben; {1}"
    ),
    "There is no column {0}. {1}": "Die Spalte {0} gibt es nicht. {1}",
    "This is a ZIP archive, but no Excel workbook that can be read: {0}.": (
        "Das ist ein ZIP-Archiv, aber keine lesbare Excel-Mappe: {0}."
    ),
    "The workbook would unpack to more than {0} MB. Save the customers alone, as a CSV file.": (
        "Die Mappe würde ausgepackt größer als {0} MB. Speichern Sie nur die Kunden, als CSV-Datei."
    ),
    "The cells of the worksheet are spread too far. Save the customers alone, as a CSV file.": (
        "Die Zellen des Blattes liegen zu weit auseinander. Speichern Sie nur die Kunden, als CSV-Datei."
    ),
    "has no customers": "enthält keine Kunden",
    "has more than {0} rows; give it in parts": "hat mehr als {0} Zeilen; geben Sie sie in Teilen",
    "are larger than {0} MB; give them in parts": "sind größer als {0} MB; geben Sie sie in Teilen",
    "is larger than {0} MB; give it in parts": "ist größer als {0} MB; geben Sie es in Teilen",
    "is larger than {0} MB; split the file": "ist größer als {0} MB; teilen Sie die Datei",
    "has more than {0} entries; give ranges such as 5-9": (
        "hat mehr als {0} Einträge; geben Sie Bereiche wie 5-9 an"
    ),
    "holds half of a surrogate pair; send the text again": (
        "enthält ein halbes Surrogatpaar; senden Sie den Text erneut"
    ),
    'expected row numbers such as 5 or "5-9", got {0}': (
        "erwartet werden Zeilennummern wie 5 oder 5-9, nicht {0}"
    ),
    "the list has the rows {0}": "die Liste hat die Zeilen {0}",
    "there is no such file: {0}": "eine solche Datei gibt es nicht: {0}",
    "is not a file": "ist keine Datei",
    "is not below the folder that the operator allows": "liegt nicht unter dem freigegebenen Ordner",
    "this server reads no files": "dieser Server liest keine Dateien; erlauben Sie es mit --files ORDNER",
    "a file in faktoora is imported whole and at once": (
        "eine Datei in faktoora wird ganz und sofort importiert"
    ),
    "give one of {0}": "geben Sie eines an von {0}",
    "{0} is no field of a customer": "{0} ist kein Feld eines Kunden",
    "there are {0} customers, {1} to a page": "es gibt {0} Kunden, {1} auf einer Seite",
    "there are fewer pages, {0} to a page": "es gibt weniger Seiten, {0} Kunden auf jeder",
    "give id or number, not both and not none": "geben Sie id oder number an, nicht beides und nicht keines",
    "give either where or ids, one of them": "geben Sie entweder where oder ids an",
    "give either changes or replace, one of them": "geben Sie entweder changes oder replace an",
    "differs from customer to customer; use update_customer": (
        "ist bei jedem Kunden anders; nehmen Sie update_customer"
    ),
    "is the customer to keep": "ist der Kunde, der bleiben soll",
    "is empty": "ist leer",
    "is given, and assign_number is true": "ist angegeben, und assign_number ist true",
    "is unknown; did you mean {0}?": "gibt es nicht; gemeint ist wohl {0}",
    "is unknown": "gibt es nicht",
    "must be the `id` of a record, without slashes or control characters": (
        "muss die `id` eines Datensatzes sein, ohne Schrägstriche und Steuerzeichen"
    ),
    "{0} of {1} compared, which the search found of {2}; by {3} with these only": (
        "{0} von {1} verglichenen, gefunden durch die Suche unter {2}; nach {3} nur mit diesen"
    ),
    "{0} of {1} compared, which the search found of {2}": (
        "{0} von {1} verglichenen, gefunden durch die Suche unter {2}"
    ),
    "{0} of {1} compared": "{0} von {1} verglichenen",
    "--max-scan ended the walk: {0}": "--max-scan hat das Lesen beendet: {0}",
    "the pages do not fit together, as if customers changed while they were read: {0}": (
        "die Seiten passen nicht zusammen, als hätten sich Kunden beim Lesen geändert: {0}"
    ),
    "time ran out after {0} s: {1}": "die Zeit war nach {0} s um: {1}",
    "page {0} could not be read ({1}): {2}": "Seite {0} war nicht lesbar ({1}): {2}",
    "pages {0} could not be read ({1}): {2}": "die Seiten {0} waren nicht lesbar ({1}): {2}",
    "{0} comparisons were left out, as very many customers share a name, place or id": (
        "{0} Vergleiche wurden ausgelassen, weil sehr viele Kunden Name, Ort oder id teilen"
    ),
    "Several failures in a row, of no single customer's making.": (
        "Mehrere Fehler hintereinander, die an keinem einzelnen Kunden liegen."
    ),
    "The outcome of one change is unknown; look at that customer first.": (
        "Der Ausgang einer Änderung ist ungewiss; sehen Sie erst nach diesem Kunden."
    ),
    "The time of one call is over; go on with ids: left.": (
        "Die Zeit eines Aufrufs ist um; machen Sie mit den übrigen weiter."
    ),
    "The time of one call is over.": "Die Zeit eines Aufrufs ist um.",
    "No more changes are allowed: {0}": "Mehr Änderungen sind nicht erlaubt: {0}",
}
"""By the English, with numbers for what differs."""
PARTS = {
    'In Excel, choose "Save as" and "CSV UTF-8"': "Wählen Sie in Excel „Speichern unter“ und „CSV UTF-8“",
    "an old Excel workbook, or one with a password": "eine alte Excel-Mappe oder eine mit Kennwort",
    "a PDF": "ein PDF",
    "it is damaged": "es ist beschädigt",
    "it has a password": "sie hat ein Kennwort",
    "a part of it is missing or damaged": "ein Teil fehlt oder ist beschädigt",
    "separated by semicolons, ": "getrennt durch Semikolons, ",
    "separated by commas, ": "getrennt durch Kommas, ",
    "separated by tabs, ": "getrennt durch Tabulatoren, ",
    "separated by vertical bars, ": "getrennt durch senkrechte Striche, ",
    "separated by ": "getrennt durch ",
    " bytes are declared, it has more": " Byte sind angegeben, es sind mehr",
    "it holds ": "sie hat ",
    " and others.": " und andere.",
    " customers were read": " Kunden wurden gelesen",
    " of ": " von ",
    "an unknown number": "unbekannt vielen",
}
"""What may stand in such a place."""


def in_language(sentence: str) -> str:
    """The sentence in the reader's language; as it is, if it is none of these."""
    if spoken() == "en":
        return sentence
    for english, german in _patterns().items():
        if found := english.fullmatch(sentence):
            return german.format(*map(_part, found.groups()))
    return sentence


def _part(text: str) -> str:
    for english, german in PARTS.items():
        text = text.replace(english, german)
    return text


@cache
def _patterns() -> dict[re.Pattern[str], str]:
    return {re.compile(re.sub(r"\\\{\d\\\}", "(.+)", re.escape(text))): GERMAN[text] for text in GERMAN}
