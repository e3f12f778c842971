"""What `faktoora-mcp doctor` can find and what to do about it, in German and English."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from faktoora_mcp.language import Language
from faktoora_mcp.text import bounded

State = Literal["ok", "note", "todo", "unusable"]
FACT_CHARS = 200
EXIT_CODES: dict[State, int] = {"ok": 0, "note": 0, "todo": 1, "unusable": 2}


class Text(NamedTuple):
    """What was found, and what to do about it; empty if there is nothing to do."""

    found: str
    advice: str = ""


class Entry(NamedTuple):
    check: str
    state: State
    en: Text
    de: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry of the table, with the facts that its texts mention."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def entry(self) -> Entry:
        return ENTRIES[self.code]

    @property
    def state(self) -> State:
        return self.entry.state

    def text(self, language: Language, redact: Callable[[str], str] = str) -> Text:
        """The texts with all facts redacted and bounded."""
        facts = {name: bounded(redact(str(value)), FACT_CHARS) for name, value in self.facts.items()}
        return Text(*(text.format(**facts) for text in getattr(self.entry, language)))


def exit_code(findings: Iterable[Finding]) -> int:
    """0: all is well, 1: there is something to do, 2: a setting cannot be used."""
    return max((EXIT_CODES[finding.state] for finding in findings), default=0)


_ADDRESS_EN = "Check FAKTOORA_BASE_URL; it usually is https://api.faktoora.com/api/v1."
_ADDRESS_DE = "Prüfen Sie FAKTOORA_BASE_URL; üblich ist https://api.faktoora.com/api/v1."
_NEW_KEY_EN = "Make a new one in faktoora, under API Access in the profile menu."
_NEW_KEY_DE = "Erstellen Sie in faktoora unter API Access im Profilmenü einen neuen."
_REPORT_EN = "If this continues, send the output of faktoora-mcp doctor --report to your support."
_REPORT_DE = "Bleibt es dabei, senden Sie die Ausgabe von faktoora-mcp doctor --report an Ihren Support."

# fmt: off
ENTRIES: dict[str, Entry] = {
    "settings": Entry("settings", "ok",
        Text("Settings: {set}."),
        Text("Einstellungen: {set}.")),
    "settings_of_host": Entry("settings", "note",
        Text("The settings with which the server is started by {host}:"),
        Text("Die Einstellungen, mit denen der Server gestartet wird von {host}:")),
    "bad_setting": Entry("settings", "unusable",
        Text("{variable} cannot be used: {reason}",
             "Correct or remove it; the checks below ignore it."),
        Text("{variable} ist nicht verwendbar: {reason}",
             "Berichtigen oder entfernen Sie den Wert; die weiteren Prüfungen lassen ihn weg.")),
    "unknown_setting": Entry("settings", "todo",
        Text("{variable} is not a setting and has no effect.", "Remove it, or write {near}."),
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
             "Set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE), or try the server without a key: --sandbox."),
        Text("Es gibt keinen API-Schlüssel.",
             "Setzen Sie FAKTOORA_API_KEY (oder FAKTOORA_API_KEY_FILE), oder testen Sie den Server ohne "
             "Schlüssel: --sandbox.")),
    "bad_key_file": Entry("key", "unusable",
        Text("No key can be read from the file in FAKTOORA_API_KEY_FILE.",
             "Name a readable file that contains only the key."),
        Text("Aus der Datei in FAKTOORA_API_KEY_FILE lässt sich kein Schlüssel lesen.",
             "Geben Sie eine lesbare Datei an, die nur den Schlüssel enthält.")),
    "sandbox": Entry("api", "ok",
        Text("The embedded sandbox answers; its customers are invented."),
        Text("Die eingebaute Sandbox antwortet; ihre Kunden sind erfunden.")),
    "bad_sandbox": Entry("api", "unusable",
        Text("The sandbox cannot use its file.",
             "Name another file in FAKTOORA_DB, or remove it to use memory."),
        Text("Die Sandbox kann ihre Datei nicht verwenden.",
             "Geben Sie in FAKTOORA_DB eine andere an, oder keine für eine Sandbox im Speicher.")),
    "proxy": Entry("network", "note",
        Text("Requests go through the proxy {proxy}."),
        Text("Anfragen gehen über den Proxy {proxy}.")),
    "no_such_host": Entry("network", "todo",
        Text("The name {host} has no address (DNS).",
             "Check the network and FAKTOORA_BASE_URL; if you need a proxy, set HTTPS_PROXY."),
        Text("Zum Namen {host} ist keine Adresse bekannt (DNS).",
             "Prüfen Sie Netz und FAKTOORA_BASE_URL; ist ein Proxy nötig, setzen Sie HTTPS_PROXY.")),
    "not_connected": Entry("network", "todo",
        Text("{host} accepts no connection on port {port}.",
             "Check FAKTOORA_BASE_URL and the firewall; if you need a proxy, set HTTPS_PROXY."),
        Text("{host} nimmt auf Port {port} keine Verbindung an.",
             "Prüfen Sie FAKTOORA_BASE_URL und Firewall; ist ein Proxy nötig, setzen Sie HTTPS_PROXY.")),
    "no_proxy": Entry("network", "todo",
        Text("The proxy {proxy} does not connect to {host}.",
             "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, with user and password if the proxy requires "
             "them."),
        Text("Der Proxy {proxy} stellt keine Verbindung zu {host} her.",
             "Prüfen Sie HTTPS_PROXY, HTTP_PROXY und ALL_PROXY, samt Benutzer und Kennwort, wenn er sie "
             "verlangt.")),
    "untrusted": Entry("network", "todo",
        Text("The certificate of {host} is not trusted (TLS): {reason}.",
             "If your network inspects connections, set SSL_CERT_FILE to its certificate authority; "
             "otherwise check FAKTOORA_BASE_URL and the clock of this computer."),
        Text("Das Zertifikat von {host} ist nicht vertrauenswürdig (TLS): {reason}.",
             "Prüft Ihr Netz Verbindungen, geben Sie dessen Zertifizierungsstelle in SSL_CERT_FILE an; "
             "sonst prüfen Sie FAKTOORA_BASE_URL und die Uhr dieses Rechners.")),
    "no_tls": Entry("network", "todo",
        Text("A secure connection to {host} is not possible (TLS).", _ADDRESS_EN),
        Text("Mit {host} kommt keine sichere Verbindung zustande (TLS).", _ADDRESS_DE)),
    "no_answer": Entry("network", "todo",
        Text("{host} did not answer within {seconds} s.",
             "Try again later; for a slow connection, raise FAKTOORA_TIMEOUT_S."),
        Text("{host} hat binnen {seconds} s nicht geantwortet.",
             "Versuchen Sie es später; bei langsamer Verbindung hilft ein höheres FAKTOORA_TIMEOUT_S.")),
    "broken": Entry("network", "todo",
        Text("The connection to {host} was lost before the answer was complete.", f"Try again. {_REPORT_EN}"),
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
             "Try again later; if this continues, check proxy and virus scanner."),
        Text("{host} braucht {seconds} s für eine kleine Antwort.",
             "Versuchen Sie es später; bleibt es dabei, prüfen Sie Proxy und Virenscanner.")),
    "read": Entry("api", "ok",
        Text("The API accepts the key and lists customers in a known form."),
        Text("Die API akzeptiert den Schlüssel und listet Kunden in bekannter Form auf.")),
    "unauthorized": Entry("api", "todo",
        Text("The API does not accept the key (401): it is wrong, expired or revoked.",
             "Copy it again, complete and without blanks, or make a new one in faktoora under API Access in "
             "the profile menu."),
        Text("Die API akzeptiert den Schlüssel nicht (401): Er ist falsch, abgelaufen oder widerrufen.",
             "Kopieren Sie ihn erneut, vollständig und ohne Leerzeichen, oder erstellen Sie in faktoora "
             "unter API Access im Profilmenü einen neuen.")),
    "key_lasts": Entry("key", "ok",
        Text("The API key is valid until {date}."),
        Text("Der API-Schlüssel gilt bis {date}.")),
    "key_expires": Entry("key", "todo",
        Text("The API key expires on {date}.", _NEW_KEY_EN),
        Text("Der API-Schlüssel läuft am {date} ab.", _NEW_KEY_DE)),
    "key_expires_soon": Entry("key", "todo",
        Text("The API key expires within a week.", _NEW_KEY_EN),
        Text("Der API-Schlüssel läuft in weniger als einer Woche ab.", _NEW_KEY_DE)),
    "key_expired": Entry("key", "todo",
        Text("By faktoora's list of keys, this key has expired.", _NEW_KEY_EN),
        Text("Laut der Schlüsselliste von faktoora ist dieser Schlüssel abgelaufen.", _NEW_KEY_DE)),
    "forbidden": Entry("api", "todo",
        Text("The key may not list customers (403).",
             "Ask faktoora for a key with the right to read customers."),
        Text("Der Schlüssel darf Kunden nicht auflisten (403).",
             "Bitten Sie faktoora um einen Schlüssel mit dem Recht, Kunden zu lesen.")),
    "wrong_path": Entry("api", "todo",
        Text("There is no Customers API at {address} (404).", _ADDRESS_EN),
        Text("Unter {address} gibt es keine Kunden-API (404).", _ADDRESS_DE)),
    "redirect": Entry("api", "todo",
        Text("{host} redirects to another address ({status}), which is not followed.",
             "Check FAKTOORA_BASE_URL; a guest network may require a login first."),
        Text("{host} verweist an eine andere Adresse ({status}); dem wird nicht gefolgt.",
             "Prüfen Sie FAKTOORA_BASE_URL; ein Gastnetz verlangt möglicherweise erst eine Anmeldung.")),
    "too_many": Entry("api", "todo",
        Text("The API accepts no more requests for now (429).", "Wait a minute, then try again."),
        Text("Die API nimmt gerade keine Anfragen mehr an (429).",
             "Warten Sie eine Minute, und versuchen Sie es erneut.")),
    "failing": Entry("api", "todo",
        Text("The API failed ({status}).", f"Try again later. {_REPORT_EN}"),
        Text("Die API meldet einen eigenen Fehler ({status}).",
             f"Versuchen Sie es später erneut. {_REPORT_DE}")),
    "refused": Entry("api", "todo",
        Text("The API refuses an ordinary request ({status}).", f"{_ADDRESS_EN} {_REPORT_EN}"),
        Text("Die API lehnt eine gewöhnliche Anfrage ab ({status}).", f"{_ADDRESS_DE} {_REPORT_DE}")),
    "web_page": Entry("api", "todo",
        Text("{address} answers with a web page instead of data.",
             "Check FAKTOORA_BASE_URL; a proxy or a guest network may answer with a page of its own."),
        Text("{address} antwortet mit einer Webseite statt mit Daten.",
             "Prüfen Sie FAKTOORA_BASE_URL; möglicherweise antwortet ein Proxy oder ein Gastnetz mit einer "
             "eigenen Seite.")),
    "unknown_form": Entry("api", "todo",
        Text("The API's answer is not a list of customers in a known form.",
             f"Check FAKTOORA_BASE_URL, and whether there is a newer faktoora-mcp. {_REPORT_EN}"),
        Text("Die Antwort der API ist keine Kundenliste in bekannter Form.",
             f"Prüfen Sie FAKTOORA_BASE_URL, und ob es eine neuere Version von faktoora-mcp gibt. "
             f"{_REPORT_DE}")),
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
        Text("{host} starts {program} as {entry}; the program exists."),
        Text("{host} startet {program} als {entry}; das Programm ist vorhanden.")),
    "attached_remotely": Entry("host", "ok",
        Text("{host} uses the server at {url} as {entry}; its operator knows its settings."),
        Text("{host} nutzt den Server unter {url} als {entry}; wer ihn betreibt, kennt seine "
             "Einstellungen.")),
    "not_attached": Entry("host", "note",
        Text("{host} is set up without faktoora.", "To add it: faktoora-mcp install {name}."),
        Text("{host} ist ohne faktoora eingerichtet.", "Zum Einrichten: faktoora-mcp install {name}.")),
    "program_gone": Entry("host", "todo",
        Text("{host} starts {program}, which does not exist.", "Add it again: {install}."),
        Text("{host} startet {program}; dieses Programm gibt es nicht.",
             "Richten Sie es erneut ein: {install}.")),
    "program_of_shell": Entry("host", "todo",
        Text("{host} starts {program}, which only this shell finds: programs started from the desktop have "
             "another PATH.", "Write its whole path: {install}."),
        Text("{host} startet {program}, das nur diese Shell findet: Vom Desktop gestartete Programme "
             "haben einen "
             "anderen PATH.", "Nennen Sie den ganzen Pfad: {install}.")),
    "program_relative": Entry("host", "todo",
        Text("{host} starts {program}, and nobody knows from which folder.", "Write its whole path: "
             "{install}."),
        Text("{host} startet {program}; aus welchem Ordner, weiß niemand.",
             "Nennen Sie den ganzen Pfad: {install}.")),
    "bad_arguments": Entry("host", "todo",
        Text("{host} starts the server ({entry}) with options that it refuses: {reason}",
             "Correct args in {path}, or add it again: {install}."),
        Text("{host} startet den Server ({entry}) mit Optionen, die er ablehnt: {reason}",
             "Berichtigen Sie args in {path}, oder richten Sie es erneut ein: {install}.")),
    "entry_without_key": Entry("host", "todo",
        Text("{host} starts the server ({entry}) without an API key; the variables of this shell do "
             "not reach it.",
             "Add it again, with the key or --sandbox: {install}."),
        Text("{host} startet den Server ({entry}) ohne API-Schlüssel; die Variablen dieser Shell "
             "erreichen ihn "
             "nicht.", "Richten Sie es erneut ein, mit dem Schlüssel oder --sandbox: {install}.")),
    "proxy_of_shell": Entry("host", "note",
        Text("Only this shell has {variables}; {host} starts the server ({entry}) without.",
             "If your network needs them, add them to env in {path}."),
        Text("Nur diese Shell hat {variables}; {host} startet den Server ({entry}) ohne.",
             "Braucht Ihr Netz sie, ergänzen Sie sie in {path} unter env.")),
    "twice": Entry("host", "todo",
        Text("{host} starts the same server twice, as {one} and as {entry}: every tool is there twice.",
             "Remove one: faktoora-mcp install {name} --uninstall --name {entry}."),
        Text("{host} startet denselben Server zweimal, als {one} und als {entry}: Jedes Werkzeug gibt "
             "es doppelt.",
             "Entfernen Sie einen: faktoora-mcp install {name} --uninstall --name {entry}.")),
    "protected_configuration": Entry("host", "note",
        Text("The configuration of {host} is write-protected: {path}.",
             "To change it by faktoora-mcp install, allow writing to it first."),
        Text("Die Konfiguration von {host} ist schreibgeschützt: {path}.",
             "Um sie mit faktoora-mcp install zu ändern, erlauben Sie zuerst das Schreiben.")),
    "bad_configuration": Entry("host", "todo",
        Text("The configuration of {host} cannot be read: {path}.",
             "Correct it; it must be a JSON object."),
        Text("Die Konfiguration von {host} ist nicht lesbar: {path}.",
             "Berichtigen Sie sie; sie muss ein JSON-Objekt sein.")),
    "no_hosts": Entry("host", "note",
        Text("No configuration of a known host was found.",
             "To set one up: faktoora-mcp install HOST, where HOST is one of {names}."),
        Text("Es wurde keine Konfiguration eines bekannten Hosts gefunden.",
             "Zum Einrichten: faktoora-mcp install HOST; HOST ist eines von {names}.")),
}
# fmt: on
"""Every finding by its code."""
