"""The German of what the commands say, by the English in the code; help is in german_help.py."""

from .german_lists import DEMO, REPORT

GENERAL = {
    "(none)": "(keine)",
    "Customers": "Kunden",
    "Rows": "Zeilen",
    "Upload": "Hochladen",
    "Existing customers": "Vorhandene Kunden",
    "field": "Feld",
    "before": "vorher",
    "after": "nachher",
    "Error: {message}": "Fehler: {message}",
    "Stopped: {reason}": "Abgebrochen: {reason}",
    "there is no such file or folder": "Datei oder Ordner nicht gefunden",
    "access is denied": "der Zugriff ist verweigert",
    "it cannot be written to": "dort kann nicht geschrieben werden",
    "it is a folder": "das ist ein Ordner",
    "a part of the path is no folder": "ein Teil des Pfads ist kein Ordner",
    "there is no space left": "es ist kein Platz mehr frei",
    "it is in use": "es ist belegt",
    "no connection is accepted there": "dort wird keine Verbindung angenommen",
    "the reader has left": "der Leser hat die Verbindung geschlossen",
}
USAGE = {
    "Usage: ": "Aufruf: ",
    "default: ": "Vorgabe: ",
    "Try '{command} --help' for help.": "Hilfe zeigt: {command} --help",
    "Did you mean {near}?": "Gemeint ist wohl {near}.",
    "There is no option {name}.": "Die Option {name} gibt es nicht.",
    "There is no command {name}.": "Den Befehl {name} gibt es nicht.",
    "{name} is missing.": "{name} fehlt.",
    "{name} needs a value, or takes none.": "{name} braucht einen Wert, oder darf keinen haben.",
    "expected one of {choices}.": "erwartet wird eines von {choices}.",
    "expected a number from {low} to {high}.": "erwartet wird eine Zahl von {low} bis {high}.",
    "expected a number of at least {low}.": "erwartet wird eine Zahl ab {low}.",
    "expected a number.": "erwartet wird eine Zahl.",
    "there is no file {path} that can be read.": "eine lesbare Datei {path} gibt es nicht.",
    "{option} needs --http.": "{option} braucht --http.",
    "--audit reads only the file; leave out --report and --api.": (
        "--audit liest nur die Datei; lassen Sie --report und --api weg."
    ),
}
SETTINGS = {
    "No API key: set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE), or try it without one by --sandbox.": (
        "Kein API-Schlüssel: Setzen Sie FAKTOORA_API_KEY (oder FAKTOORA_API_KEY_FILE), oder probieren Sie es "
        "ohne Schlüssel mit --sandbox."
    ),
    "FAKTOORA_API_KEY_FILE: no API key can be read from {path}.": (
        "FAKTOORA_API_KEY_FILE: Aus {path} lässt sich kein API-Schlüssel lesen."
    ),
    "{name}: no API key is shorter than {count} characters.": (
        "{name}: Kein API-Schlüssel ist kürzer als {count} Zeichen."
    ),
    "{name}: expected true or false.": "{name}: Erwartet wird true oder false.",
    "{name}: expected sandbox or live, true or false.": (
        "{name}: Erwartet wird sandbox oder live, true oder false."
    ),
    "{name}: expected a number.": "{name}: Erwartet wird eine Zahl.",
    "{name}: expected a whole number.": "{name}: Erwartet wird eine ganze Zahl.",
    "{name}: expected a whole number, or one in an hour such as 100/h.": (
        "{name}: Erwartet wird eine ganze Zahl, oder eine je Stunde wie 100/h."
    ),
    "{name}: expected more than {gt}.": "{name}: Erwartet wird mehr als {gt}.",
    "{name}: expected at least {ge}.": "{name}: Erwartet wird mindestens {ge}.",
    "{name}: expected at most {le}.": "{name}: Erwartet wird höchstens {le}.",
    "{name}: expected one of {expected}.": "{name}: Erwartet wird eines von {expected}.",
    "{name}: expected at most {max_length} characters.": (
        "{name}: Erwartet werden höchstens {max_length} Zeichen."
    ),
    "{name}: an https:// address is needed (http:// only for this machine).": (
        "{name}: Nötig ist eine Adresse mit https:// (http:// nur für diesen Rechner)."
    ),
    "{name}: an address without user name, query, fragment and blanks is needed.": (
        "{name}: Nötig ist eine Adresse ohne Benutzernamen, Abfrage, Fragment und Leerzeichen."
    ),
    "{name}: an id without blanks and special letters is needed.": (
        "{name}: Nötig ist eine id ohne Leerzeichen und Sonderzeichen."
    ),
    "{name}: is empty, or holds blanks or characters that no API key has.": (
        "{name}: ist leer, oder enthält Leerzeichen oder Zeichen, die kein API-Schlüssel hat."
    ),
    "Cannot listen on {host}, port {port}: {reason}.": (
        "{host}, Port {port}: dort kann nicht gehorcht werden ({reason})."
    ),
    "Port {port} is in use. Name another one by --port; 0 takes any free one.": (
        "Port {port} ist belegt. Nennen Sie mit --port einen anderen; 0 nimmt irgendeinen freien."
    ),
}
CALL = {
    "{key}: count the entries of a list from 1 and without gaps, as in {example}.": (
        "{key}: Zählen Sie die Einträge einer Liste ab 1 und ohne Lücken, wie in {example}."
    ),
    "Text stays text: number=003. For a list, repeat its key: keywords=Müller keywords=Köln. For a "
    "field of an "
    "object, write a dot: changes.city=Hamburg changes.note=null. For an entry of a list, write its number: "
    "where.1.field=city. Instead of all this you can write one JSON object, or - to read it from stdin.": (
        "Text bleibt Text: number=003. Bei einer Liste wird der Name wiederholt: keywords=Müller "
        "keywords=Köln. "
        "Vor einem Feld eines Objekts steht ein Punkt: changes.city=Hamburg changes.note=null. Ein "
        "Eintrag einer "
        "Liste hat seine Nummer: where.1.field=city. Statt alledem können Sie ein JSON-Objekt "
        "schreiben, oder - "
        "für eines von der Standardeingabe."
    ),
    "Example: {words}": "Beispiel: {words}",
    "{one} or {other}": "{one} oder {other}",
    "one of {values}": "eines von {values}",
    "list of objects with {fields}": "Liste von Objekten mit {fields}",
    "list of {kind}": "Liste: {kind}",
    "{kind} from {low} to {high}": "{kind} von {low} bis {high}",
    "{kind} up to {high}": "{kind} bis {high}",
    "{kind} from {low}": "{kind} ab {low}",
    "text": "Text",
    "boolean": "true oder false",
    "integer": "ganze Zahl",
    "decimal number": "Dezimalzahl",
    "object": "Objekt",
    "null": "null",
    "anything": "beliebig",
    "required": "nötig",
    "default {value}": "Vorgabe {value}",
    "Name a tool; faktoora-mcp call --list shows them.": (
        "Nennen Sie ein Werkzeug; faktoora-mcp call --list zeigt sie."
    ),
    "faktoora-mcp call --list shows them.": "faktoora-mcp call --list zeigt sie.",
    "There is no tool {name}.": "Ein Werkzeug {name} gibt es nicht.",
    "{key} is given twice.": "{key} ist zweimal angegeben.",
    "{name} already has a value, so {key} cannot be set.": (
        "{name} hat schon einen Wert, daher ist {key} nicht möglich."
    ),
    "{word} is not a JSON object. Write key=value, one JSON object, or - for a JSON object on stdin.": (
        "{word} ist kein JSON-Objekt. Schreiben Sie Name=Wert, ein JSON-Objekt, oder - für ein "
        "JSON-Objekt von der "
        "Standardeingabe."
    ),
    "{word} is not an argument. Write key=value, one JSON object, or - for a JSON object on stdin.": (
        "{word} ist keine Angabe. Schreiben Sie Name=Wert, ein JSON-Objekt, oder - für ein JSON-Objekt "
        "von der "
        "Standardeingabe."
    ),
}
LISTS = {
    "--column: write HEADER=FIELD, not {text}.": "--column: Schreiben Sie ÜBERSCHRIFT=FELD, nicht {text}.",
    "A sandbox takes files from: faktoora-mcp sandbox upload": (
        "Eine Sandbox nimmt Dateien an mit: faktoora-mcp sandbox upload"
    ),
    "To import it: faktoora-mcp call import_customers file_id={file_id}": (
        "Importieren mit: faktoora-mcp call import_customers file_id={file_id}"
    ),
    '{path} is an Excel workbook; faktoora imports CSV files. In Excel, choose "Save as" and "CSV UTF-8".': (
        "{path} ist eine Excel-Mappe; faktoora importiert CSV-Dateien. Wählen Sie in Excel „Speichern "
        "unter“ und "
        "„CSV UTF-8“."
    ),
    "{path} is empty.": "{path} ist leer.",
    "{path} is larger than {megabytes} MB. Split it.": (
        "{path} ist größer als {megabytes} MB. Teilen Sie die Datei."
    ),
    "The file is larger than {megabytes} MB. Split it.": (
        "Die Datei ist größer als {megabytes} MB. Teilen Sie sie."
    ),
    "ready": "bereit",
    "doubt": "zweifelhaft",
    "error": "mit Fehlern",
    "duplicate": "doppelt",
    "exists": "schon vorhanden",
    "created": "angelegt",
    "failed": "gescheitert",
    "unknown": "ungewiss",
    "left": "übrig",
}
EXPORT = {
    "Not exported: {reason}": "Nicht exportiert: {reason}",
    "The number of customers changed during the export, from {before} to {now}. Try again when nobody edits "
    "them.": (
        "Während des Exports hat sich die Zahl der Kunden geändert, von {before} auf {now}. Versuchen "
        "Sie es erneut, "
        "wenn niemand sie bearbeitet."
    ),
    "The API counts {total} customers but listed {listed}. Try again; if this continues, tell faktoora.": (
        "Die API zählt {total} Kunden, hat aber {listed} aufgelistet. Versuchen Sie es erneut; bleibt "
        "es dabei, "
        "melden Sie es faktoora."
    ),
    "The API returned the same customers on two pages. Tell faktoora.": (
        "Die API hat auf zwei Seiten dieselben Kunden geliefert. Melden Sie es faktoora."
    ),
    "The API listed one row twice; it was written once. Customers may be missing: export again when nobody "
    "edits them.": (
        "Die API hat eine Zeile zweimal geliefert; sie wurde einmal geschrieben. Es können Kunden fehlen: "
        "Exportieren Sie erneut, wenn niemand sie bearbeitet."
    ),
    "The API listed {count} rows twice; they were written once. Customers may be missing: export again when "
    "nobody edits them.": (
        "Die API hat {count} Zeilen zweimal geliefert; sie wurden einmal geschrieben. Es können Kunden "
        "fehlen: "
        "Exportieren Sie erneut, wenn niemand sie bearbeitet."
    ),
    "{count} customer written to {path}": "{count} Kunde in {path} geschrieben",
    "{count} customers written to {path}": "{count} Kunden in {path} geschrieben",
    "{count} invented customer (sandbox) written to {path}": (
        "{count} erfundener Kunde (Sandbox) in {path} geschrieben"
    ),
    "{count} invented customers (sandbox) written to {path}": (
        "{count} erfundene Kunden (Sandbox) in {path} geschrieben"
    ),
    "{path} cannot be written: {reason}.": "{path} kann nicht geschrieben werden: {reason}.",
    "{path} exists; --force replaces it.": "{path} gibt es schon; --force ersetzt die Datei.",
    "{path} is not a file.": "{path} ist keine Datei.",
}
UNDO = {
    "Of {count} changes of this call the log has no outcome: faktoora-mcp doctor --audit {log}": (
        "Zu {count} Änderungen dieses Aufrufs hat das Protokoll kein Ergebnis: faktoora-mcp doctor "
        "--audit {log}"
    ),
    "The log holds no call {call}; without --call its calls are listed.": (
        "Das Protokoll enthält keinen Aufruf {call}; ohne --call werden seine Aufrufe aufgelistet."
    ),
    "call": "Aufruf",
    "time": "Zeit",
    "tool": "Werkzeug",
    "changed": "geändert",
    "{id}: is no longer there": "{id}: ist nicht mehr da",
    "{name}, number {number}, {id}": "{name}, Nummer {number}, {id}",
    "{who}; type its number to delete it, or nothing to keep it": (
        "{who}; zum Löschen die Kundennummer eingeben, sonst nichts"
    ),
    "would ask about: {who}": "würde fragen nach: {who}",
    "deleted": "gelöscht",
}
SANDBOX = {
    "Sandbox at {url}; stop it with Ctrl-C. To use it:": (
        "Sandbox unter {url}; Strg-C beendet sie. Benutzen mit:"
    ),
    "--tenants keeps a base for every key, in memory: leave out --db and --key.": (
        "--tenants führt für jeden Schlüssel einen eigenen Bestand im Speicher: Lassen Sie --db und "
        "--key weg."
    ),
    "Give --db (a sandbox's database file) or --url (a running sandbox).": (
        "Nennen Sie --db (die Datenbankdatei einer Sandbox) oder --url (eine laufende Sandbox)."
    ),
    "Not uploaded: {reason}": "Nicht hochgeladen: {reason}",
    "{url} is not an http address": "{url} ist keine http-Adresse",
}
GERMAN = {**GENERAL, **USAGE, **SETTINGS, **CALL, **LISTS, **EXPORT, **UNDO, **SANDBOX, **REPORT, **DEMO}
