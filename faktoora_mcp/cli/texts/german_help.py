"""The German of all help, by the English of commands and options."""

HEADINGS = {
    "Options": "Optionen",
    "Commands": "Befehle",
    "Parameters": "Angaben",
    "Show this message and exit.": "diese Hilfe zeigen",
    "show the version": "die Version zeigen",
}
COMMANDS = {
    "Serve faktoora customers to AI agents over the Model Context Protocol.": (
        "Stellt die Kunden von faktoora KI-Agenten über das Model Context Protocol bereit."
    ),
    "Try it without an API key: faktoora-mcp demo": "Ohne API-Schlüssel ausprobieren: faktoora-mcp demo",
    "Serve MCP over stdin and stdout. Claude Desktop and other hosts start this.": (
        "Startet den MCP-Server über Standardein- und -ausgabe. Claude Desktop und andere Programme "
        "starten ihn so."
    ),
    "Call one TOOL and print its answer, as an agent reads it.\n\n\b\n"
    "faktoora-mcp call list_customers keywords=Müller --sandbox\n"
    "faktoora-mcp call update_customer id=… changes.city=Ulm\n"
    "faktoora-mcp call get_customer --help": (
        "Ruft ein Werkzeug (TOOL) auf und zeigt die Antwort, wie ein Agent sie liest.\n\n\b\n"
        "faktoora-mcp call list_customers keywords=Müller --sandbox\n"
        "faktoora-mcp call update_customer id=… changes.city=Ulm\n"
        "faktoora-mcp call get_customer --help"
    ),
    "Call one tool, as agents do.": "Ruft ein Werkzeug auf, wie Agenten es tun.",
    "Play a bookkeeper's morning on invented customers. This needs no API key.": (
        "Spielt den Morgen einer Buchhalterin mit erfundenen Kunden. Dafür ist kein API-Schlüssel nötig."
    ),
    "Write all customers to a CSV file for Excel, or as JSON lines.": (
        "Schreibt alle Kunden in eine CSV-Datei für Excel, oder als JSON-Zeilen."
    ),
    "Check a CSV or Excel file before you upload it to faktoora. This changes nothing.": (
        "Prüft eine CSV- oder Excel-Datei, bevor Sie sie zu faktoora hochladen. Es ändert nichts."
    ),
    "Upload a CSV file of customers to faktoora and print its fileId. An import follows by the fileId.": (
        "Lädt eine CSV-Datei mit Kunden zu faktoora hoch und zeigt ihre fileId. Mit der fileId folgt "
        "ein Import."
    ),
    "Add this server to a HOST. The key is asked for, or read from FAKTOORA_API_KEY.": (
        "Richtet den Server in einem Programm (HOST) ein. Der Schlüssel wird abgefragt oder aus "
        "FAKTOORA_API_KEY gelesen."
    ),
    "Find out why the server does not work, and what to do about it.": (
        "Findet heraus, warum der Server nicht funktioniert, und was zu tun ist."
    ),
    "Create the customers of a CSV or Excel FILE, each once; the same file again goes on.": (
        "Legt die Kunden einer CSV- oder Excel-Datei an, jeden einmal; dieselbe Datei noch einmal setzt fort."
    ),
    "Serve the sandbox API on 127.0.0.1. Ctrl-C stops it.": (
        "Stellt die API der Sandbox auf 127.0.0.1 bereit. Strg-C beendet sie."
    ),
    "Register a CSV file and print the fileId that import_customers takes.": (
        "Meldet eine CSV-Datei an und zeigt die fileId, die import_customers nimmt."
    ),
    "Make an access token for NAME, a caller of `serve --http --auth shared`.\n\n"
    "The token is shown once and kept nowhere; the line is for the file of --access-token-file.": (
        "Erzeugt ein Zugangstoken für NAME, einen Aufrufer von `serve --http --auth shared`.\n\n"
        "Das Token wird einmal gezeigt und nirgends aufbewahrt; die Zeile gehört in die Datei von "
        "--access-token-file."
    ),
    "Take back one call that the audit LOG holds: restore old values, delete what it created.": (
        "Nimmt einen Aufruf zurück, der im Änderungsprotokoll (LOG) steht: stellt alte Werte wieder "
        "her, löscht "
        "Angelegtes."
    ),
}
SETTINGS = {
    "file that holds the API key instead": "Datei, die stattdessen den API-Schlüssel enthält",
    "address of the API": "Adresse der API",
    "id of the account, where the key is good for several": (
        "id des Kontos, wenn der Schlüssel für mehrere gilt"
    ),
    "use invented customers and no key, even if one is set": (
        "erfundene Kunden und keinen Schlüssel verwenden, auch wenn einer gesetzt ist"
    ),
    "file that keeps the sandbox's customers (default: memory)": (
        "Datei, die die Kunden der Sandbox aufbewahrt (Vorgabe: Speicher)"
    ),
    "API of the sandbox: as specified, or current, as the vendor's newer pages describe it": (
        "API der Sandbox: wie spezifiziert, oder current, wie der Hersteller sie heute beschreibt"
    ),
    "API as specified, or as the vendor's newer pages describe it": (
        "API wie spezifiziert, oder wie der Hersteller sie heute beschreibt"
    ),
    "offer no tool that changes data": "kein Werkzeug anbieten, das Daten ändert",
    "offer only these tools, separated by commas": "nur diese Werkzeuge anbieten, durch Kommas getrennt",
    "never offer these tools, separated by commas": "diese Werkzeuge nie anbieten, durch Kommas getrennt",
    "name of the account, shown in title, instructions and changes": (
        "Name des Kontos, im Titel, in Anleitungen und Änderungen gezeigt"
    ),
    "never show these fields of a customer, separated by commas": (
        "diese Felder eines Kunden nie zeigen, durch Kommas getrennt"
    ),
    "file for two lines of JSON about every change, - for stderr, FILE,- for both; without the first no "
    "change is sent": (
        "Datei für zwei Zeilen JSON zu jeder Änderung, - für die Fehlerausgabe, DATEI,- für beides; ohne die "
        "erste wird keine Änderung gesendet"
    ),
    "changes in a run, or of a caller in an hour: 100/h": (
        "Änderungen in einem Lauf, oder eines Aufrufers in einer Stunde: 100/h"
    ),
    "deletions in a run, or of a caller in an hour": (
        "Löschungen in einem Lauf, oder eines Aufrufers in einer Stunde"
    ),
    "customers changed by one tool call at most": "höchstens so viele Kunden ändert ein Aufruf",
    "folder with lists that import_customers may read, not over HTTP": (
        "Ordner mit Listen, die import_customers lesen darf, nicht über HTTP"
    ),
    "language of prompts, commands and questions to users, de or en (default: the system's)": (
        "Sprache von Vorlagen, Befehlen und Rückfragen, de oder en (Vorgabe: die des Systems)"
    ),
    "language of what is shown (default: the system's)": "Sprache der Ausgabe (Vorgabe: die des Systems)",
    "what goes to stderr; never keys, search words or records": (
        "was auf die Fehlerausgabe kommt; nie Schlüssel, Suchwörter oder Kundendaten"
    ),
    "form of the lines on stderr": "Form der Zeilen auf der Fehlerausgabe",
    "seconds for one API request, including waiting and retries": (
        "Sekunden für eine Anfrage an die API, samt Warten und Wiederholen"
    ),
    "seconds for finding the outcome of a change whose answer was lost": (
        "Sekunden, um nach einer verlorenen Antwort das Ergebnis einer Änderung festzustellen"
    ),
    "seconds for a whole tool call; what does not fit is not begun": (
        "Sekunden für einen ganzen Aufruf; was nicht hineinpasst, wird nicht begonnen"
    ),
    "seconds for a scan of all customers": "Sekunden für das Lesen aller Kunden",
    "customers that a scan reads at most": "so viele Kunden werden höchstens gelesen",
    "API requests at the same time": "Anfragen an die API zur selben Zeit",
    "API requests a second with one key (default: no limit)": (
        "Anfragen an die API je Sekunde und Schlüssel (Vorgabe: unbegrenzt)"
    ),
}
REMOTE = {
    "serve over HTTP, for many callers with keys of their own": (
        "über HTTP bereitstellen, für viele Aufrufer mit eigenen Schlüsseln"
    ),
    "address to listen on": "Adresse, auf der Verbindungen angenommen werden",
    "port to listen on; 0: any free one": "Port dafür; 0: irgendein freier",
    "path of the MCP endpoint": "Pfad des MCP-Endpunkts",
    "whose faktoora key is used: passthrough, the caller's; shared, the server's for callers with a "
    "token; oauth, "
    "the firm's for callers with a token of an issuer": (
        "wessen faktoora-Schlüssel gilt: passthrough, der des Aufrufers; shared, der des Servers für "
        "Aufrufer mit "
        "Token; oauth, der der Firma für Aufrufer mit dem Token eines Ausstellers"
    ),
    "callers of --auth shared: a line NAME:sha256:HEX for each": (
        "Aufrufer von --auth shared: je eine Zeile NAME:sha256:HEX"
    ),
    "https:// address of the issuer of tokens": "https://-Adresse des Ausstellers der Tokens",
    "audience that a token must be meant for": "Empfänger (audience), für den ein Token bestimmt sein muss",
    "address under which callers reach this server": "Adresse, unter der Aufrufer diesen Server erreichen",
    "JSON file: which firm's key a token stands for": (
        "JSON-Datei: für den Schlüssel welcher Firma ein Token steht"
    ),
    "names under which callers reach the server, separated by commas": (
        "Namen, unter denen Aufrufer den Server erreichen, durch Kommas getrennt"
    ),
    "addresses of proxies whose forwarded headers are believed, by commas": (
        "Adressen von Proxys, deren weitergereichten Kopfzeilen vertraut wird, durch Kommas getrennt"
    ),
    "connections at the same time": "Verbindungen zur selben Zeit",
    "requests that are handled at the same time": "Anfragen, die zur selben Zeit bearbeitet werden",
    "of these, requests with one key": "davon Anfragen mit demselben Schlüssel",
    "processes that serve; above 1 needs --state": "Prozesse, die bedienen; mehr als 1 braucht --state",
    "redis:// address of the state that several servers share; needs faktoora-mcp[replicas]": (
        "Adresse redis:// des Zustands, den mehrere Server teilen; braucht faktoora-mcp[replicas]"
    ),
    "counts for Prometheus at /metrics; needs faktoora-mcp[metrics]": (
        "Zähler für Prometheus unter /metrics; braucht faktoora-mcp[metrics]"
    ),
    "traces by OpenTelemetry, set up by OTEL_… variables; needs faktoora-mcp[otel]": (
        "Traces mit OpenTelemetry, eingerichtet durch OTEL_…-Variablen; braucht faktoora-mcp[otel]"
    ),
}
OPTIONS = {
    "list the tools": "die Werkzeuge auflisten",
    "print compact JSON at a terminal, too": "auch am Terminal kompaktes JSON ausgeben",
    "print compact JSON instead of text": "kompaktes JSON statt Text ausgeben",
    "print one JSON object instead of text": "ein JSON-Objekt statt Text ausgeben",
    "explain a TOOL, or show this": "ein Werkzeug erklären, oder dies zeigen",
    "form of the file": "Form der Datei",
    "only customers with this word; repeatable": "nur Kunden mit diesem Wort; wiederholbar",
    "only customers of exactly this category": "nur Kunden genau dieser Kategorie",
    "- for the output (default when piped; at a terminal customers-DATE.csv)": (
        "- für die Ausgabe (Vorgabe in einer Pipe; am Terminal customers-DATUM.csv)"
    ),
    "replace the file if it exists": "die Datei ersetzen, wenn es sie gibt",
    "do not compare with the customers in faktoora": "nicht mit den Kunden in faktoora vergleichen",
    "name of the entry, so that several firms fit": "Name des Eintrags, damit mehrere Firmen Platz haben",
    "use this folder's configuration instead of yours": "die Konfiguration dieses Ordners statt der eigenen",
    "show what would be written, and write nothing": "zeigen, was geschrieben würde, und nichts schreiben",
    "remove the server from the host": "den Server aus dem Programm entfernen",
    "add the server at this address instead of a program": (
        "den Server unter dieser Adresse statt eines Programms einrichten"
    ),
    "with --url: no key, users sign in": "mit --url: kein Schlüssel, die Benutzer melden sich an",
    "print a text for support, without key and customers": (
        "einen Text für den Support, ohne Schlüssel und Kunden"
    ),
    "also show which forms the API has; this only reads": (
        "auch zeigen, welche Formen die API hat; das liest nur"
    ),
    "instead show the writes of an audit log that have no outcome": (
        "stattdessen die Änderungen eines Protokolls zeigen, die kein Ergebnis haben"
    ),
    "only show what would be created": "nur zeigen, was angelegt würde",
    "what a header means; repeatable": "was eine Überschrift bedeutet; wiederholbar",
    "only these rows, such as 5 or 5-9; repeatable": "nur diese Zeilen, wie 5 oder 5-9; wiederholbar",
    "without these rows; repeatable": "ohne diese Zeilen; wiederholbar",
    "create these despite likely duplicates; repeatable": (
        "diese trotz wohl doppelter Kunden anlegen; wiederholbar"
    ),
    "take what damaged cells probably held": "übernehmen, was beschädigte Zellen wohl enthielten",
    "file for the rows that were not taken (default: FILE-rejected.csv)": (
        "Datei für die Zeilen, die nicht übernommen wurden (Vorgabe: DATEI-rejected.csv)"
    ),
    "the call to take back (default: list the calls)": (
        "der Aufruf, der zurückzunehmen ist (Vorgabe: sie auflisten)"
    ),
    "do it; without this it is only shown": "ausführen; ohne dies wird nur gezeigt",
    "0: any free port": "0: irgendein freier Port",
    "database file (default: memory)": "Datenbankdatei (Vorgabe: Speicher)",
    "number of customers in a new database": "Zahl der Kunden in einer neuen Datenbank",
    "seed of the invented customers": "Startwert der erfundenen Kunden",
    "the only API key accepted (default: any)": "der einzige akzeptierte API-Schlüssel (Vorgabe: jeder)",
    "a base of its own for each API key, in memory": "ein eigener Bestand je API-Schlüssel, im Speicher",
    "answer every write with 504 and apply it SECONDS later, at the next request": (
        "jede Änderung mit 504 beantworten und SECONDS später ausführen, bei der nächsten Anfrage"
    ),
    "database file of a sandbox": "Datenbankdatei einer Sandbox",
    "URL of a running sandbox, as printed when it started": (
        "URL einer laufenden Sandbox, wie beim Start gezeigt"
    ),
    "API key of the running sandbox": "API-Schlüssel der laufenden Sandbox",
}
HELP = {**HEADINGS, **COMMANDS, **SETTINGS, **REMOTE, **OPTIONS}
