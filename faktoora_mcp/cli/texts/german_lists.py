"""The German of the report of `check-csv` and of the demo, by the English in the code."""

REPORT = {
    "Columns": "Spalten",
    "Read as": "Gelesen als",
    "Problems of the whole file": "Probleme der ganzen Datei",
    "Errors": "Fehler",
    "Likely duplicates": "Wohl doppelt",
    "Warnings": "Hinweise",
    "{count} row": "{count} Zeile",
    "{count} rows": "{count} Zeilen",
    "{count} ready": "{count} bereit",
    "{count} with errors": "{count} mit Fehlern",
    "{count} likely duplicate": "{count} wohl doppelt",
    "{count} likely duplicates": "{count} wohl doppelt",
    "{count} with warnings": "{count} mit Hinweisen",
    "{count} problem of the whole file": "{count} Problem der ganzen Datei",
    "{count} problems of the whole file": "{count} Probleme der ganzen Datei",
    "a DATEV export": "DATEV-Export",
    "a list": "Liste",
    "Read as {kind}, worksheet {worksheet}; headers in row {row}.": (
        "Gelesen als {kind}, Tabellenblatt {worksheet}; Überschriften in Zeile {row}."
    ),
    "Read as {kind} in {encoding}, separated by {delimiter}; headers in row {row}.": (
        "Gelesen als {kind} in {encoding}, getrennt durch {delimiter}; Überschriften in Zeile {row}."
    ),
    "semicolons": "Semikolons",
    "commas": "Kommas",
    "tabs": "Tabulatoren",
    "vertical bars": "senkrechte Striche",
    "invented customers of the sandbox": "erfundenen Kunden der Sandbox",
    "customers in faktoora": "Kunden in faktoora",
    "{count} comparisons were skipped: very many customers share a value.": (
        "{count} Vergleiche wurden ausgelassen: Sehr viele Kunden haben denselben Wert."
    ),
    "Compared with all {count} {whose}.": "Verglichen mit allen {count} {whose}.",
    "Compared with some of the {whose} only: {reason}. Duplicates may be missing.": (
        "Nur mit einem Teil der {whose} verglichen: {reason}. Doppelte können fehlen."
    ),
    "Not compared with the {whose}: {reason}.": "Nicht verglichen mit den {whose}: {reason}.",
    "there is no API key": "es gibt keinen API-Schlüssel",
    "--no-base": "--no-base",
    "Correct the errors, and check the file again before you upload it.": (
        "Berichtigen Sie die Fehler, und prüfen Sie die Datei erneut, bevor Sie sie hochladen."
    ),
    "Remove the duplicates, and check the file again before you upload it.": (
        "Entfernen Sie die doppelten Zeilen, und prüfen Sie die Datei erneut, bevor Sie sie hochladen."
    ),
    "Correct the errors, remove the duplicates, and check the file again before you upload it.": (
        "Berichtigen Sie die Fehler, entfernen Sie die doppelten Zeilen, und prüfen Sie die Datei "
        "erneut, bevor Sie "
        "sie hochladen."
    ),
    "The file itself needs no correction, but the comparison is not complete. Try again.": (
        "Die Datei selbst braucht keine Berichtigung, aber der Vergleich ist unvollständig. Versuchen "
        "Sie es erneut."
    ),
    "The file itself needs no correction, apart from the warnings, but the comparison is not complete. "
    "Try again.": (
        "Die Datei selbst braucht außer den Hinweisen keine Berichtigung, aber der Vergleich ist "
        "unvollständig. "
        "Versuchen Sie es erneut."
    ),
    "Nothing has to be corrected.": "Nichts muss berichtigt werden.",
    "Look at the warnings.": "Sehen Sie sich die Hinweise an.",
    "and {count} more; --json lists all": "und {count} weitere; --json zeigt alle",
    "Which field each column would be. How faktoora itself reads the columns is not documented.": (
        "Welches Feld jede Spalte wäre. Wie faktoora selbst die Spalten liest, ist nicht dokumentiert."
    ),
    "header": "Überschrift",
    "would be": "wäre",
    "(no column)": "(keine Spalte)",
    "(column {place})": "(Spalte {place})",
    "isCompany: true if there is a company's name": "isCompany: true, wenn es einen Firmennamen gibt",
    "a company": "Firma",
    "a person": "Person",
    "{word} as {meaning}": "{word} als {meaning}",
    "row {row}": "Zeile {row}",
    "the row": "der Zeile",
    "and {count} more row with {column} like these: {rows}": (
        "und {count} weitere Zeile, {column} ebenso: {rows}"
    ),
    "and {count} more rows with {column} like these: {rows}": (
        "und {count} weitere Zeilen, {column} ebenso: {rows}"
    ),
    "row {row} is likely {of}: {reasons}": "Zeile {row} ist wohl {of}: {reasons}",
    "not read: {instead} would be {field}": "nicht gelesen: {instead} wäre {field}",
    "not read: faktoora sets it": "nicht gelesen: faktoora setzt es",
    "not recognised": "nicht erkannt",
    "not recognised; the nearest field is {near}": "nicht erkannt; am ähnlichsten ist {near}",
    "Error: {name} cannot be checked. {reason}": "Fehler: {name} kann nicht geprüft werden. {reason}",
}
DEMO = {
    "A bookkeeper's morning, played by an agent on invented customers": (
        "Der Morgen einer Buchhalterin, von einem Agenten mit erfundenen Kunden gespielt"
    ),
    "faktoora-mcp over stdio, MCP {protocol}, {count} tools": (
        "faktoora-mcp über stdio, MCP {protocol}, {count} Werkzeuge"
    ),
    "An invoice to a property company came back. Which ones do we have?": (
        "Eine Rechnung an eine Immobilienfirma kam zurück. Welche haben wir?"
    ),
    "Who is our contact in their accounts department?": "Wer ist unser Ansprechpartner in deren Buchhaltung?",
    "How many customers do we have per country?": "Wie viele Kunden haben wir je Land?",
    "Is any customer in the list twice?": "Ist jemand doppelt in der Kundenliste?",
    "Acme GmbH has ordered for the first time. Which customer number is next?": (
        "Die Acme GmbH hat zum ersten Mal bestellt. Welche Kundennummer ist die nächste?"
    ),
    "Create Acme under that number.": "Lege Acme unter dieser Nummer an.",
    "Does the number belong to Acme now?": "Gehört die Nummer jetzt Acme?",
    "Acme writes that it has moved to Hamburg.": "Acme schreibt, dass es nach Hamburg umgezogen ist.",
    "The web shop's new customers are uploaded as a CSV file. Import them.": (
        "Die neuen Kunden des Webshops sind als CSV-Datei hochgeladen. Importiere sie."
    ),
    "Acme has cancelled for good. Delete Acme GmbH.": "Acme hat endgültig gekündigt. Lösche die Acme GmbH.",
    "{count} of them. It was {name}.": "{count} Stück. Es war {name}.",
    "{count} in {country}": "{count} in {country}",
    "{one} and {other}: {reason}.": "{one} und {other} sind wohl derselbe Kunde.",
    "Created.": "Angelegt.",
    "Check {problem}.": "Zu prüfen: {field}.",
    "Yes: {number} is taken by {name}.": "Ja: {number} gehört {name}.",
    "Changed: {what}.": "Geändert: {what}.",
    "{count} are new. Check {name}: {problem}.": "{count} sind neu. Zu prüfen bei {name}: {field}.",
    "{name} is deleted.": "{name} ist gelöscht.",
    "Bytes": "Bytes",
    "agent read": "Agent las",
    "API sent": "API sandte",
    "in all": "insgesamt",
    "definitions of {count} tools, once": "Beschreibungen von {count} Werkzeugen, einmal",
    "({size} bytes)": "({size} Bytes)",
    "Every step did what it should. To go on in Claude Desktop:\n{command}": (
        "Jeder Schritt tat, was er sollte. Weiter in Claude Desktop:\n{command}"
    ),
    "Step {place} ({tool}) did not do what it should.": "Schritt {place} ({tool}) tat nicht, was er sollte.",
    "The server did not answer within {seconds} s.": "Der Server hat binnen {seconds} s nicht geantwortet.",
    "The demo stopped: {reason}.": "Die Vorführung brach ab: {reason}.",
    "The connection to the server was lost. Its last log line: {line}": (
        "Die Verbindung zum Server brach ab. Seine letzte Meldung: {line}"
    ),
    "The server did not start. Its last log line: {line}": (
        "Der Server ist nicht gestartet. Seine letzte Meldung: {line}"
    ),
}
