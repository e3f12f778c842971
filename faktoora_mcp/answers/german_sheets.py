"""The sentences of what is found in files of customers, in German, by code."""

SHEETS = {
    "in_two_columns": "steht in zwei Spalten; {header!q} wird nicht gelesen",
    "header_damaged": "Die Überschrift {header!q} ist beschädigt.",
    "unusual_encoding": (
        "Die Datei ist in {encoding}, was andere Programme falsch lesen. Als UTF-8 speichern."
    ),
    "mixed_encodings": (
        "Einige Zeilen sind nicht wie die anderen in {encoding}. Die Datei als UTF-8 speichern."
    ),
    "worksheets_unread": "Nur das Tabellenblatt {read!q} wurde gelesen, nicht {unread}.",
    "row_unreadable": "ist nicht lesbar ({reason}): Sind die Anführungszeichen verdoppelt und geschlossen?",
    "rows_lost": (
        "ist nicht lesbar ({reason}): Sind die Anführungszeichen verdoppelt und geschlossen? Darunter wurde "
        "nichts gelesen."
    ),
    "row_too_wide": (
        "hat {given} Zellen unter {headers} Überschriften: Fehlen einem Text mit {delimiter!q} die "
        "Anführungszeichen?"
    ),
    "cells_without_header": (
        "hat {given} Zellen unter {headers} Überschriften: jeder Spalte eine Überschrift geben"
    ),
    "row_short": "hat weniger Zellen ({given}) als Überschriften ({headers}); die letzten gelten als leer",
    "number_taken_by": "ist schon vergeben an {who}",
    "number_of_row": "ist auch die Nummer von Zeile {row}",
    "similar_to": "ähnelt {who}: {reasons}",
    "better_written": "besser {value!q} geschrieben",
    "write_yes_or_no": "{error}; ja oder nein schreiben",
    "nameless": "ist weder eine Firma mit Namen noch eine Person mit Nachnamen",
    "supplier_account": "das Konto {account} gehört einem Kreditor, keinem Kunden; die Zeile entfernen",
    "ledger_account": "das Konto {account} ist kein Debitor, sondern ein Sachkonto; die Zeile entfernen",
    "invisible_edges": "hat am Anfang oder Ende unsichtbare Zeichen; sie werden weggelassen",
    "repaired": "{seen!q} wurde berichtigt: {meant!q}",
    "no_field": "ist kein Feld eines Kunden{hint}",
    "misfit": "passt nicht",
    "number_taken": "ist vergeben",
    "not_kept": "wurde gesendet, aber faktoora hat es nicht behalten",
}
"""Problems of files, rows and fields."""

_PROBABLY = "{seen!q} war wohl {meant!q}"
_NUMBER = f"{_PROBABLY}: Excel hielt es für eine Zahl"
DAMAGE = {
    "lost_characters": "{seen!q} hat Zeichen verloren; sie aus der Quelle übernehmen",
    "twice_encoded_meant": f"{_PROBABLY}: Es wurde zweimal kodiert",
    "wrong_encoding_meant": f"{_PROBABLY}: Es wurde in einer anderen Kodierung gelesen",
    "other_encoding_meant": "{seen!q} ist {meant!q} in einer anderen Kodierung als der Rest der Datei",
    "escaped_meant": f"{_PROBABLY}: Zeichen sind als Codes geschrieben",
    "invisible_meant": f"{_PROBABLY}: Es enthält unsichtbare Zeichen",
    "excel_error": (
        "{seen!q} ist ein Fehler der Tabellenkalkulation, kein Wert; ihn aus der Quelle übernehmen"
    ),
    "too_narrow": (
        "{seen!q} zeigt, dass eine Spalte zu schmal war; sie verbreitern und die Datei neu speichern"
    ),
    "rounded": "{seen!q} wurde von Excel gerundet; die Ziffern aus der Quelle übernehmen",
    "rounded_meant": _NUMBER,
    "formula": "{seen!q} ist eine Formel, nicht ihr Ergebnis; die Datei mit Werten speichern",
    "formula_meant": f"{_PROBABLY}: Es ist eine Formel, die einen Text ergibt",
    "text_mark_meant": f"{_PROBABLY}: Ein Apostroph kennzeichnet es als Text",
    "quotes_meant": f"{_PROBABLY}: Die Anführungszeichen sind verdoppelt",
    "decimal_meant": _NUMBER,
    "grouped_meant": _NUMBER,
    "lost_digits_meant": _NUMBER,
    "country_missing_meant": (
        "{seen!q} ist vielleicht {meant!q}, für Excel eine Zahl; zum Prüfen ein Land ergänzen"
    ),
    "date": "{seen!q} ist ein Datum; den Wert aus der Quelle übernehmen",
    "date_meant": "{seen!q} war wohl {meant}: Excel hielt es für ein Datum",
    "truth_word": "{seen!q} ist ein Wort für ja oder nein; den Wert aus der Quelle übernehmen",
    "empty_word_meant": "{seen!q} steht für eine leere Zelle",
}
"""Damage in cells; `_meant` where it is known what the cell probably held."""
