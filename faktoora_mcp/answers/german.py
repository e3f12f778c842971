"""The sentences of findings in German, by code, for people at the command line; agents read English."""

from .english import MARK, MARKED
from .german_sheets import DAMAGE, SHEETS

VALUES = {
    MARKED: MARK,
    "required": "ist erforderlich und kann nicht geleert werden",
    "blank_required": "ist leer, aber erforderlich",
    "blank_optional": "ist leer; weglassen, oder mit null leeren",
    "blank_clears": "ist leer; null würde es leeren",
    "broken_text": "enthält ein kaputtes Zeichen (ein halbes Surrogatpaar); den Text erneut senden",
    "wrong_type": "erwartet {expected}, nicht {got}",
    "number_loses_zeros": (
        "erwartet {expected}, nicht {got}, dem führende Nullen fehlen; alle Ziffern in "
        'Anführungszeichen senden, wie "003"'
    ),
    "unknown_entry_field": "das unbekannte Feld {name!q} wird unverändert weitergegeben{hint}",
    "together": "{one}, {other}",
    "did_you_mean": "; gemeint ist wohl {meant}",
    "new_value": "neu hier: {value!q}; vorhanden: {existing}",
    "company_without_name": "ja, aber der Kunde hat keinen Firmennamen",
    "person_without_name": "nein, aber der Kunde hat keinen Nachnamen (lastName)",
    "not_ascii": "Zeichen außerhalb von ASCII",
    "equal_digits": "alle Ziffern sind gleich, ein Platzhalter?",
    "placeholder": "sieht nach einem Platzhalter aus",
    "country_code": "erwartet ein Länderkürzel nach ISO 3166-1 wie DE, nicht {got!q}{hint}",
    "postcode_digits": "Postleitzahlen in {country} haben {digits} Ziffern, nicht {got!q}",
    "postcode_misfit": (
        "die Postleitzahl {postcode!q} des Datensatzes passt nicht zum Land {country}: {error}; "
        "die neue Postleitzahl mitsenden"
    ),
    "postcode_unused_de": "keine deutsche Postleitzahl beginnt mit 00, 05, 43 oder 62",
    "postcode_unused_at": "keine österreichische Postleitzahl beginnt mit 0",
    "postcode_unused_ch": "keine Schweizer Postleitzahl beginnt mit 0",
    "postcode_is_li": "9480 bis 9499 liegen in Liechtenstein: Land LI?",
    "postcode_high_ch": "keine Schweizer Postleitzahl ist größer als 9699",
    "postcode_unused_li": "Postleitzahlen in Liechtenstein liegen zwischen 9480 und 9499",
    "email_form": "erwartet eine einzelne Adresse wie info@firma.de, nicht {got!q}",
    "email_special_use": ".{domain} ist eine Sonderdomain, die keine E-Mail erreicht",
    "email_short_domain": "die Top-Level-Domain hat nur einen Buchstaben",
    "email_not_ascii": "Zeichen außerhalb von ASCII, die faktoora möglicherweise nicht annimmt",
    "phone_unknown": "als Telefonnummer in {country} nicht bekannt",
    "phone_without_country": (
        "ohne Landesvorwahl nicht als Telefonnummer bekannt; mit +49 oder Ähnlichem schreiben"
    ),
}
"""Any value, places, e-mail and phone."""

IDENTIFIERS = {
    "vat_with_words": "erwartet nur die USt-IdNr., ohne ein Wort davor, nicht {got!q}{hint}",
    "vat_is_tax_number": (
        "eine USt-IdNr. beginnt mit einem Länderkürzel, nicht {got!q}; eine Steuernummer gehört in taxId"
    ),
    "vat_form": "USt-IdNrn. aus {prefix} haben die Form {rule}, nicht {got!q}{hint}",
    "vat_country_code": "eine USt-IdNr. beginnt mit einem Länderkürzel wie DE, nicht {got!q}{hint}",
    "vat_check_digit": "die Prüfziffer scheint falsch",
    "vat_unknown_form": "hat nicht die Form einer USt-IdNr. aus {prefix}{hint}",
    "vat_outside_eu": "{prefix} gehört nicht zur EU: VIES kann sie nicht bestätigen",
    "vat_greek_prefix": "griechische USt-IdNrn. beginnen mit EL, nicht mit GR",
    "vat_other_country": "ihr Land {prefix} ist nicht das Land {country} des Kunden",
    "tax_is_vat": "sieht nach einer USt-IdNr. aus, die in vatId gehört",
    "tax_is_idnr": "sieht nach der IdNr. einer Person aus, nicht nach einer Steuernummer",
    "tax_form_de": "keine deutsche Steuernummer: Sie hat 10 bis 13 Ziffern in der Form eines Bundeslandes",
    "tax_form": "keine Steuernummer aus {country}: Sie hat die Form {rule}",
    "tax_check_digit": "keine Steuernummer aus {country}: Die Prüfziffer scheint falsch",
    "peppol_form": (
        "eine Peppol-ID besteht aus vier Ziffern des Schemas, einem Doppelpunkt und bis zu 130 Zeichen ohne "
        "Leerzeichen, wie 0088:4000001000005, nicht {got!q}"
    ),
    "peppol_retired": "das Schema {scheme} ist aufgehoben; an seine Stelle trat {successor}",
    "peppol_removed": "das Schema {scheme} wird in Peppol nicht mehr verwendet",
    "peppol_unlisted": "das Schema {scheme} steht nicht in der EAS-Liste",
    "peppol_check_digit": "die Prüfziffer des Werts im Schema {scheme} scheint falsch",
    "peppol_value_form": "der Wert hat nicht die Form des Schemas {scheme}: {rule}{hint}",
    "gln_digits": "eine GLN hat 13 Ziffern, nicht {got!q}",
    "gln_check_digit": "die Prüfziffer der GLN {got!q} ist falsch; mit der Quelle vergleichen",
    "duns_digits": "eine D-U-N-S-Nummer hat 9 Ziffern, nicht {got!q}",
    "route_check_digits": "die Prüfziffern der Leitweg-ID scheinen falsch",
    "route_form": "keine Leitweg-ID",
    "route_is_peppol": "keine Leitweg-ID; 0204: gehört in peppolId",
    "profile_unknown": "die Werte sind nicht dokumentiert; bekannt sind {known}",
}

CHECKS = {
    "company_without_vat_id": "eine Firma ohne USt-IdNr.",
    "lacks": "{field} fehlt",
    "is_invalid": "{field} ist ungültig",
    "is_invalid_because": "{field} ist ungültig: {error}",
    "is_doubtful": "{field} ist zweifelhaft: {warnings}",
    "undeliverable": "keine Möglichkeit der Zustellung ({email}, {peppol})",
}
"""The reasons of checks."""

SIMILARITIES = {
    "same_id": "{label} {value} ist gleich",
    "same_name": "gleicher Name",
    "same_name_bare": "gleicher Name ohne Rechtsform",
    "names_alike": "Namen zu {percent} % ähnlich",
    "other_name": "anderer Name",
    "other_form": "andere Rechtsform ({one}, {other})",
    "other_kind": "einer ist eine Firma, der andere eine Person",
    "other_vat_id": "andere USt-IdNr. ({one}, {other})",
    "nothing_in_common": (
        "nichts spricht für einen einzigen Kunden: andere Namen, keine gleiche Nummer oder E-Mail"
    ),
    "same_address": "dieselbe Anschrift",
    "same_postcode": "gleiche Postleitzahl {value}",
    "same_city": "gleicher Ort {value}",
    "other_place": "anderer Ort",
    "no_place": "kein Ort zum Vergleichen",
    "same_email": "gleiche E-Mail-Adresse {value}",
    "same_email_only": "gleiche E-Mail-Adresse",
}
"""Parts of the reasons why two customers are similar."""

WRITES = {
    "hidden": "ausgeblendet, fehlt in {part}",
    "too_large": "zu groß, fehlt in {part}",
    "cleaned": "steht in {part} ohne unsichtbare Zeichen",
    "not_shown": "faktoora zeigt es nicht, daher fehlt es in restore",
    "restore_refused": "fehlt in restore, create_customer lehnt es ab: {error}",
    "restore_needs": "fehlt in restore, create_customer braucht es",
    "same_for_many": "gleich bei {customers} Kunden, obwohl es einen einzigen bezeichnet",
    "undo_refused": "fehlt in undo, der alte Wert wird abgelehnt: {error}",
    "entries_alike": "mehrere Einträge passen auf einen davon",
    "undo_lost": "undo stellt nicht alles wieder her, weil nichts einzelne Einträge unterscheidet",
    "moved_as_it_is": "unverändert übernommen, obwohl: {error}",
    "number_stays": (
        "{number} wird nicht übernommen, und der behaltene Kunde hat keine Nummer; ihm eine geben"
    ),
    "not_merged": "das schreibt nur faktoora, daher wird es nicht übernommen",
    "list_stays": "eine leere Liste entfernt nichts; in remove_entries nennen, was weg soll",
    "number_case": (
        "{number} unterscheidet sich von {held} des Kunden mit der id {id} nur in Groß- und Kleinschreibung"
    ),
    "number_shared": "auch der Kunde mit der id {ids} hat {number} bekommen; eine davon ändern",
    "twin": "der Kunde mit der id {ids} wurde gleichzeitig von einem anderen Programm angelegt",
    "twins_unread": "ob ein anderes Programm diesen Kunden gleichzeitig angelegt hat, ließ sich nicht lesen",
    "not_compared": (
        "{share} Kunden wurden verglichen; andere könnten in {fields} gleich sein, da die Suche der API sie "
        "nicht nachweislich alle findet"
    ),
    "uncompared": "konnte nicht gesucht werden; find_duplicate_customers holt das nach",
    "not_recorded": "das Ergebnis dieser Änderung ließ sich nicht festhalten; den Betreiber informieren",
    "found_by_file": "die Antwort ging verloren; diese Kunden wurden über ihre Datei gefunden",
    "no_entry": "hat keinen Eintrag {wanted!q}; vorhanden sind: {there}",
}
"""Warnings and errors of changes."""

WORDS = {
    "row": "Zeile",
    "digits": "Ziffern",
    "letters": "Buchstaben",
    "characters": "Zeichen",
    "nothing": "nichts",
    "after them": "danach",
    "a country code": "ein Länderkürzel",
    "then": "dann",
    "with": "mit",
    "and": "und",
    "or": "oder",
    "text": "Text",
    "true": "ja",
    "false": "nein",
    "a number": "eine Zahl",
    "a list": "eine Liste",
    "an object": "ein Objekt",
}
"""Words that describe a form, a type or a row."""

SENTENCES = {**VALUES, **IDENTIFIERS, **CHECKS, **SIMILARITIES, **WRITES, **SHEETS, **DAMAGE}
