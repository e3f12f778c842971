"""The German of the tools for people who call them by hand: what each does, and what its arguments mean."""

TOOLS = {
    "list_customers": (
        "Findet Kunden nach Wörtern oder blättert durch alle. Jedes Wort muss in name, firstName, "
        "lastName, nameAuthorisedSignatory, address, postcode, city, email, country oder customerId "
        "vorkommen, groß oder klein; ü passt zu ue. Ansprechpartner, Telefon, USt-IdNr. und GLN "
        "durchsucht query_customers. Weiter geht es mit page und per_page."
    ),
    "get_customer": (
        "Zeigt einen Kunden nach id oder Kundennummer: seine gefüllten Felder. faktooraId, createdAt "
        "und updatedAt nur mit fields=*, Ansprechpartner und Lieferanschriften nur mit relation_fields."
    ),
    "query_customers": (
        "Beantwortet Bedingungen über alle Kunden: welche, und wie viele. Liest alles, was die API "
        "auflistet. Felder sind die von create_customer, dazu id, createdAt, updatedAt, "
        "customerContacts.email, deliveryAddresses.city und extras.NAME. Bei einer Prüfung (check) "
        "steht in jeder Zeile der Grund."
    ),
    "find_duplicate_customers": (
        "Findet doppelte Kunden mit Gründen, die wahrscheinlichsten zuerst. Ähnliche haben eine andere "
        "Rechtsform oder zu wenig gemeinsam: Sie sind nur doppelt, wenn Sie es wissen."
    ),
    "create_customer": (
        "Legt einen Kunden an, wenn es ihn nicht schon gibt. Eine Firma braucht name, eine Person "
        "firstName und lastName. Gibt es ihn wohl schon, nennt der Fehler, wer in Frage kommt."
    ),
    "update_customer": (
        "Ändert Felder eines Kunden; gleiche Werte werden nicht gesendet. Zeigt alte und neue Werte, "
        "und den Aufruf, der die alten wiederherstellt."
    ),
    "update_customers": (
        "Ändert viele Kunden gleich: alle, auf die where zutrifft, oder diese ids. Zeigt zuerst nur, "
        "wie viele es sind und was sich ändert; ausgeführt wird es mit dry_run=false und dem gezeigten "
        "confirm."
    ),
    "merge_customers": (
        "Führt zwei Kunden zusammen: keep bekommt, was ihm fehlt; remove wird danach endgültig "
        "gelöscht. Zeigt zuerst nur jedes Feld und die Widersprüche; ausgeführt wird es mit "
        "dry_run=false und confirm. Die Kundennummer wandert nie."
    ),
    "delete_customer": (
        "Löscht einen Kunden endgültig und zeigt, womit create_customer ihn wieder anlegt, unter neuer id."
    ),
    "generate_customer_number": (
        "Nennt die nächste freie Kundennummer, ohne sie zu reservieren; assign_number von "
        "create_customer vergibt sie gleich."
    ),
    "verify_customer_number": "Sagt, ob eine Kundennummer frei ist oder wem sie gehört.",
    "import_customers": (
        "Legt Kunden aus csv, rows, path oder file_id an. Zeigt zuerst nur, was aus jeder Zeile würde; "
        "mit dry_run=false entstehen die bereiten und die zweifelhaften. Dieselbe Liste noch einmal "
        "legt niemanden doppelt an; bei einer file_id ist das möglich: Sehen Sie vorher nach, was sie "
        "importiert hat."
    ),
}
PARAMETERS = {
    "keywords": "alle müssen vorkommen",
    "list_customers.category": "wird genau verglichen",
    "list_customers.sort": "customerId, name, category, createdAt, updatedAt …, nicht postcode und city",
    "order": "Richtung",
    "page": "zählt ab 1",
    "per_page": "Zeilen",
    "relation_fields": (
        "zum Laden und Zeigen: user, legalform, importedFile, customerContacts, invoiceTemplate, "
        "deliveryAddresses"
    ),
    "list_customers.fields": (
        "andere Spalten: Felder von create_customer, createdAt, updatedAt …; *: alle gefüllten"
    ),
    "get_customer.fields": "nur diese, wie bei list_customers",
    "id": "id des Kunden, nicht seine Nummer",
    "find_duplicate_customers.id": "diesen vergleichen; ohne: jeden mit jedem",
    "number": "Kundennummer (customerId)",
    "where": "alle müssen zutreffen, auch check",
    "check": (
        "missing_vat_id: Firmen jedes Landes. bad_vat_id, bad_postcode: gegen die Regel des Landes oder "
        "zweifelhaft (Postleitzahlen: DE, AT, CH, LI). no_email: keine eigene. not_ready_for_xrechnung: "
        "routeId, name, address oder country fehlt oder ist zweifelhaft, oder weder email noch "
        "peppolId. not_ready_for_peppol: keine gültige peppolId"
    ),
    "group_by": (
        "nach einem oder zwei Feldern zählen, fehlende als eigene Gruppe; email?: gefüllt oder nicht"
    ),
    "query_customers.fields": "Spalten",
    "query_customers.sort": "ein Feld; -Feld: absteigend",
    "limit": "Zeilen; Vorgabe 20, neben group_by ohne fields 0",
    "customer": "seine Felder",
    "country": "ISO: DE; ohne: keines angenommen",
    "customerId": "Kundennummer",
    "vatId": "mit Länderkürzel: DE123456789",
    "taxId": "Steuernummer",
    "peppolId": "0204:991-03730-19",
    "routeId": "Leitweg-ID, Käuferreferenz",
    "invoiceProfile": "zf:1, zf:2, xrechnung",
    "category": "freier Text",
    "legalform": "eine id",
    "industry": "eine id",
    "isCompany": "false: Person",
    "address": "Straße und Hausnummer",
    "postcode": "Text; DE 5 Ziffern, AT und CH 4",
    "extras": "freie Angaben",
    "assign_number": "die nächste freie Kundennummer vergeben",
    "allow_duplicate": "trotz wohl doppelter anlegen",
    "import_customers.allow_duplicate": "Zeilen, die trotz wohl doppelter angelegt werden",
    "dry_run": "nur zeigen, was geschähe",
    "import_customers.dry_run": "Vorgabe true, aber nicht bei file_id",
    "changes": (
        "nur was sich ändert, mit den Feldern von create_customer; null leert eines. Einträge werden "
        "nach id, email oder name zugeordnet, extras nach Namen; andere bleiben"
    ),
    "update_customers.changes": "wie bei update_customer, für alle gleich",
    "remove_entries": "Einträge, die entfallen, nach id, email oder name",
    "expect": "ablehnen, wenn diese Werte nicht mehr gelten",
    "update_customers.where": "wie bei query_customers",
    "ids": "ids der Kunden",
    "replace": "ein Wert statt eines anderen, anstelle von changes",
    "replace.field": "ein Textfeld oder extras.NAME",
    "replace.from": "sein ganzer jetziger Wert, genau verglichen",
    "confirm": "aus dem Aufruf, der nur zeigte",
    "keep": "id des Kunden, der bleibt",
    "remove": "id des Kunden, der entfällt",
    "prefer": "wessen Wert gilt",
    "different_ok": "zusammenführen, obwohl sie verschieden aussehen",
    "merge_customers.confirm": "Nummer von remove, oder seine id, wenn er keine hat",
    "delete_customer.confirm": "sein ganzer Name mit Rechtsform, groß oder klein, oder seine Nummer",
    "file_id": "fileId einer zu faktoora hochgeladenen CSV",
    "csv": "Text mit Überschriften",
    "rows": "Kunden wie bei create_customer",
    "path": "CSV oder XLSX im Ordner des Betreibers",
    "columns": "welches Feld eine Überschrift meint",
    "only": "nur diese Zeilen: 2 oder 5-9",
    "skip": "Zeilen, die ausgelassen werden",
    "accept_repairs": "die vorgeschlagenen Berichtigungen übernehmen",
}
"""By the name of the argument, or where tools differ by tool and path."""


def parameter(tool: str, path: str) -> str | None:
    """What an argument means; None if nothing is said of it."""
    names = (f"{tool}.{path}", path, path.rpartition(".")[2])
    return next((PARAMETERS[name] for name in names if name in PARAMETERS), None)
