"""What `faktoora-mcp doctor` can find, and what to do about it: one table of texts, in German and English."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from faktoora_mcp.language import Language
from faktoora_mcp.text import bounded

State = Literal["ok", "note", "todo", "unusable"]
FACT_CHARS = 200
EXIT_CODES: dict[State, int] = {"ok": 0, "note": 0, "todo": 1, "unusable": 2}


class Text(NamedTuple):
    """What was found, and what to do next; nothing where nothing is to do."""

    found: str
    advice: str = ""


class Entry(NamedTuple):
    check: str
    state: State
    en: Text
    de: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One entry of the table with the facts that fill its texts."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def entry(self) -> Entry:
        return ENTRIES[self.code]

    @property
    def state(self) -> State:
        return self.entry.state

    def told(self, language: Language, safe: Callable[[str], str] = str) -> Text:
        """The texts, each fact made safe to show."""
        facts = {name: bounded(safe(str(value)), FACT_CHARS) for name, value in self.facts.items()}
        return Text(*(text.format(**facts) for text in getattr(self.entry, language)))


def exit_code(findings: Iterable[Finding]) -> int:
    """0: all well, 1: something is to do, 2: a setting cannot be used."""
    return max((EXIT_CODES[finding.state] for finding in findings), default=0)


_ADDRESS_EN = "Check FAKTOORA_BASE_URL; it usually is https://api.faktoora.com/api/v1."
_ADDRESS_DE = "Prüfen Sie FAKTOORA_BASE_URL; üblich ist https://api.faktoora.com/api/v1."
_REPORT_EN = "If it stays so, send faktoora-mcp doctor --report to whoever looks after this."
_REPORT_DE = "Bleibt es dabei, senden Sie faktoora-mcp doctor --report an Ihren Support."

# fmt: off
ENTRIES: dict[str, Entry] = {
    "settings": Entry("settings", "ok",
        Text("Settings: {set}."),
        Text("Einstellungen: {set}.")),
    "settings_of_host": Entry("settings", "note",
        Text("There is no key here, so the settings are those that {host} starts the server with."),
        Text("Hier gibt es keinen Schlüssel; es gilt, womit {host} den Server startet.")),
    "bad_setting": Entry("settings", "unusable",
        Text("{variable} cannot be used: {reason}",
             "Correct or remove it; the checks below do without it."),
        Text("{variable} ist nicht verwendbar: {reason}",
             "Berichtigen oder entfernen Sie den Wert; die weiteren Prüfungen kommen ohne ihn aus.")),
    "unknown_setting": Entry("settings", "todo",
        Text("{variable} is no setting and has no effect.", "Remove it, or write {near}."),
        Text("{variable} ist keine Einstellung und bewirkt nichts.",
             "Entfernen Sie sie, oder schreiben Sie {near}.")),
    "bad_surroundings": Entry("settings", "unusable",
        Text("A proxy or a certificate file of this system cannot be used.",
             "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR."),
        Text("Ein Proxy oder eine Zertifikatsdatei dieses Systems ist nicht verwendbar.",
             "Prüfen Sie HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE und SSL_CERT_DIR.")),
    "key": Entry("key", "ok",
        Text("API key: {masked}, {length} characters, from {source}."),
        Text("API-Schlüssel: {masked}, {length} Zeichen, aus {source}.")),
    "no_key": Entry("key", "unusable",
        Text("There is no API key.",
             "Set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE), or try it without one by --sandbox."),
        Text("Es gibt keinen API-Schlüssel.",
             "Setzen Sie FAKTOORA_API_KEY (oder FAKTOORA_API_KEY_FILE), oder probieren Sie es mit "
             "--sandbox ohne.")),
    "bad_key_file": Entry("key", "unusable",
        Text("FAKTOORA_API_KEY_FILE names no file from which a key can be read.",
             "Name a readable file that holds nothing but the key."),
        Text("FAKTOORA_API_KEY_FILE nennt keine Datei, aus der sich ein Schlüssel lesen lässt.",
             "Nennen Sie eine lesbare Datei, die nur den Schlüssel enthält.")),
    "sandbox": Entry("api", "ok",
        Text("The embedded sandbox answers; its customers are invented."),
        Text("Die eingebaute Sandbox antwortet; ihre Kunden sind erfunden.")),
    "bad_sandbox": Entry("api", "unusable",
        Text("The sandbox cannot use its file.",
             "Name another by FAKTOORA_DB, or none to keep it in memory."),
        Text("Die Sandbox kann ihre Datei nicht verwenden.",
             "Nennen Sie in FAKTOORA_DB eine andere, oder keine für eine Sandbox im Speicher.")),
    "proxy": Entry("network", "note",
        Text("Requests go through the proxy {proxy}."),
        Text("Anfragen gehen über den Proxy {proxy}.")),
    "no_such_host": Entry("network", "todo",
        Text("No address is known for the name {host} (DNS).",
             "Check the network and FAKTOORA_BASE_URL; where a proxy is needed, set HTTPS_PROXY."),
        Text("Zum Namen {host} ist keine Adresse bekannt (DNS).",
             "Prüfen Sie Netz und FAKTOORA_BASE_URL; wo ein Proxy nötig ist, setzen Sie HTTPS_PROXY.")),
    "not_connected": Entry("network", "todo",
        Text("{host} accepts no connection on port {port}.",
             "Check FAKTOORA_BASE_URL and the firewall; where a proxy is needed, set HTTPS_PROXY."),
        Text("{host} nimmt auf Port {port} keine Verbindung an.",
             "Prüfen Sie FAKTOORA_BASE_URL und Firewall; wo ein Proxy nötig ist, setzen Sie HTTPS_PROXY.")),
    "no_proxy": Entry("network", "todo",
        Text("The proxy {proxy} lets nothing through to {host}.",
             "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, with user and password where the proxy asks for "
             "them."),
        Text("Der Proxy {proxy} lässt nichts zu {host} durch.",
             "Prüfen Sie HTTPS_PROXY, HTTP_PROXY und ALL_PROXY, samt Benutzer und Kennwort, wenn er sie "
             "verlangt.")),
    "untrusted": Entry("network", "todo",
        Text("The certificate of {host} is not trusted (TLS): {reason}.",
             "If your network inspects connections, name its certificate authority in SSL_CERT_FILE; else "
             "check FAKTOORA_BASE_URL and the clock of this computer."),
        Text("Dem Zertifikat von {host} ist nicht zu trauen (TLS): {reason}.",
             "Prüft Ihr Netz Verbindungen, nennen Sie dessen Zertifizierungsstelle in SSL_CERT_FILE; sonst "
             "prüfen Sie FAKTOORA_BASE_URL und die Uhr dieses Rechners.")),
    "no_tls": Entry("network", "todo",
        Text("No secure connection to {host} comes about (TLS).", _ADDRESS_EN),
        Text("Mit {host} kommt keine sichere Verbindung zustande (TLS).", _ADDRESS_DE)),
    "no_answer": Entry("network", "todo",
        Text("{host} gave no answer within {seconds} s.",
             "Try again later; a higher FAKTOORA_TIMEOUT_S helps against a slow connection."),
        Text("{host} hat binnen {seconds} s nicht geantwortet.",
             "Versuchen Sie es später; bei langsamer Verbindung hilft ein höheres FAKTOORA_TIMEOUT_S.")),
    "broken": Entry("network", "todo",
        Text("The connection to {host} broke before an answer was complete.", f"Try again. {_REPORT_EN}"),
        Text("Die Verbindung zu {host} brach vor dem Ende der Antwort ab.",
             f"Versuchen Sie es erneut. {_REPORT_DE}")),
    "strange": Entry("network", "todo",
        Text("The request to {host} failed in an unknown way ({reason}).", _ADDRESS_EN),
        Text("Die Anfrage an {host} ist auf unbekannte Weise gescheitert ({reason}).", _ADDRESS_DE)),
    "reached": Entry("network", "ok",
        Text("{host} answers in {milliseconds} ms."),
        Text("{host} antwortet in {milliseconds} ms.")),
    "slow": Entry("network", "todo",
        Text("{host} takes {seconds} s for a small answer.",
             "Try again later; if it stays so, check proxy and virus scanner."),
        Text("{host} braucht {seconds} s für eine kleine Antwort.",
             "Versuchen Sie es später; bleibt es dabei, prüfen Sie Proxy und Virenscanner.")),
    "read": Entry("api", "ok",
        Text("The API accepts the key and lists customers in a known form."),
        Text("Die API nimmt den Schlüssel an und listet Kunden in bekannter Form auf.")),
    "unauthorized": Entry("api", "todo",
        Text("The API does not accept the key (401).",
             "Copy the key from faktoora again, whole and without blanks."),
        Text("Die API nimmt den Schlüssel nicht an (401).",
             "Kopieren Sie den Schlüssel erneut aus faktoora, ganz und ohne Leerzeichen.")),
    "forbidden": Entry("api", "todo",
        Text("The key may not list customers (403).",
             "Ask faktoora for a key with the right to read customers."),
        Text("Der Schlüssel darf Kunden nicht auflisten (403).",
             "Bitten Sie faktoora um einen Schlüssel mit dem Recht, Kunden zu lesen.")),
    "wrong_path": Entry("api", "todo",
        Text("There is no Customers API at {address} (404).", _ADDRESS_EN),
        Text("Unter {address} gibt es keine Kunden-API (404).", _ADDRESS_DE)),
    "redirect": Entry("api", "todo",
        Text("{host} sends us elsewhere ({status}), which is not followed.",
             "Check FAKTOORA_BASE_URL; a guest network may first want a log-in."),
        Text("{host} verweist an eine andere Adresse ({status}); dem wird nicht gefolgt.",
             "Prüfen Sie FAKTOORA_BASE_URL; ein Gastnetz verlangt vielleicht erst eine Anmeldung.")),
    "too_many": Entry("api", "todo",
        Text("The API takes no more requests for now (429).", "Wait a minute, then try again."),
        Text("Die API nimmt gerade keine Anfragen mehr an (429).", "Warten Sie eine Minute, dann erneut.")),
    "failing": Entry("api", "todo",
        Text("The API failed ({status}).", f"Try again later. {_REPORT_EN}"),
        Text("Die API hat versagt ({status}).", f"Versuchen Sie es später erneut. {_REPORT_DE}")),
    "refused": Entry("api", "todo",
        Text("The API refuses an ordinary question ({status}).", f"{_ADDRESS_EN} {_REPORT_EN}"),
        Text("Die API weist eine gewöhnliche Frage ab ({status}).", f"{_ADDRESS_DE} {_REPORT_DE}")),
    "web_page": Entry("api", "todo",
        Text("{address} answers with a web page instead of data.",
             "Check FAKTOORA_BASE_URL; a proxy or a guest network may have put its own page in the way."),
        Text("{address} antwortet mit einer Webseite statt mit Daten.",
             "Prüfen Sie FAKTOORA_BASE_URL; vielleicht drängt ein Proxy oder ein Gastnetz seine Seite "
             "dazwischen.")),
    "unknown_form": Entry("api", "todo",
        Text("The API's answer is no list of customers in a known form.",
             f"Check FAKTOORA_BASE_URL and for a newer faktoora-mcp. {_REPORT_EN}"),
        Text("Die Antwort der API ist keine Kundenliste in bekannter Form.",
             f"Prüfen Sie FAKTOORA_BASE_URL, und ob es faktoora-mcp neuer gibt. {_REPORT_DE}")),
    "clock": Entry("clock", "ok",
        Text("This computer's clock agrees with the API's."),
        Text("Die Uhr dieses Rechners stimmt mit der der API überein.")),
    "clock_ahead": Entry("clock", "todo",
        Text("This computer's clock is {minutes} min ahead of the API's.", "Let the system set its clock."),
        Text("Die Uhr dieses Rechners geht gegenüber der API um {minutes} min vor.",
             "Lassen Sie das System die Uhrzeit automatisch einstellen.")),
    "clock_behind": Entry("clock", "todo",
        Text("This computer's clock is {minutes} min behind the API's.", "Let the system set its clock."),
        Text("Die Uhr dieses Rechners geht gegenüber der API um {minutes} min nach.",
             "Lassen Sie das System die Uhrzeit automatisch einstellen.")),
    "attached": Entry("host", "ok",
        Text("{host} starts {program}, which exists."),
        Text("{host} startet {program}; das Programm ist vorhanden.")),
    "not_attached": Entry("host", "note",
        Text("{host} is set up without faktoora.", "To attach it: faktoora-mcp install {name}."),
        Text("{host} ist ohne faktoora eingerichtet.", "Zum Anschließen: faktoora-mcp install {name}.")),
    "program_gone": Entry("host", "todo",
        Text("{host} starts {program}, which does not exist.",
             "Attach it again: faktoora-mcp install {name}."),
        Text("{host} startet {program}; dieses Programm gibt es nicht.",
             "Schließen Sie es erneut an: faktoora-mcp install {name}.")),
    "bad_configuration": Entry("host", "todo",
        Text("The configuration of {host} cannot be read: {path}.",
             "Correct it; it has to be one JSON object."),
        Text("Die Konfiguration von {host} ist nicht lesbar: {path}.",
             "Berichtigen Sie sie; sie muss ein JSON-Objekt sein.")),
    "no_hosts": Entry("host", "note",
        Text("No configuration of a known host was found.",
             "To attach one: faktoora-mcp install claude-desktop (or claude-code, cursor, vscode)."),
        Text("Es wurde keine Konfiguration eines bekannten Hosts gefunden.",
             "Zum Anschließen: faktoora-mcp install claude-desktop (oder claude-code, cursor, vscode).")),
}
# fmt: on
"""Every finding by its code."""
