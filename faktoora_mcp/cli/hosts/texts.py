"""What `faktoora-mcp install` says, in German and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from faktoora_mcp.language import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that people read, in one language."""

    ask: str
    installed: str
    replaced: str
    private: str
    read_only: str
    unchanged: str
    removed: str
    absent: str
    backup: str
    would_write: str
    would_remove: str
    restart: str
    invalid_json: str
    wrong_format: str
    at: str
    unusable: str
    changed: str
    no_project: str
    shared: str
    by_hand: str
    local_only: str


TEXTS: Mapping[Language, Texts] = {
    "en": Texts(
        ask="faktoora API key (it is not shown)",
        installed="faktoora is set up in {host}, as {name}: {path}",
        replaced="faktoora was set up in {host} as {name} already; that entry is replaced: {path}\n"
        "To keep several firms side by side, give each a name: --name",
        private="Others could read this file, which may contain keys; now only you can.",
        read_only="Nothing was changed: {path} is write-protected.",
        unchanged="faktoora is already set up in {host}, nothing was changed: {path}",
        removed="faktoora was removed from {host}: {path}",
        absent="faktoora is not set up in {host}, nothing was changed: {path}",
        backup="Backup of the previous file, including keys: {backup}",
        would_write="This would be written to {path}:",
        would_remove="faktoora would be removed from {path}",
        restart="Restart {host} now.",
        invalid_json="Nothing was changed: {path} is not valid JSON{at} (comments and duplicate keys are not "
        "allowed). Repair it and try again, or add by hand what --print shows.",
        wrong_format="Nothing was changed: {path} does not have the format that {host} documents{at}. "
        "Repair it and try again, or add by hand what --print shows.",
        at=", at {where}",
        unusable="Nothing was changed: {path} cannot be read or written: {reason}.",
        changed="Nothing was changed: another program has just changed {path}. Try again.",
        no_project="{host} has no project configuration. Leave out --project.",
        shared="A project's configuration is shared with others and must not contain the key. "
        "Use --api-key-file or --sandbox.",
        by_hand="{host} does not read addresses from its configuration: add a connector in its settings; "
        "docs/remote.md says how.",
        local_only="These options are for a server on this machine: {options}. Leave them out with --url.",
    ),
    "de": Texts(
        ask="faktoora-API-Schlüssel (er wird nicht angezeigt)",
        installed="faktoora ist in {host} als {name} eingerichtet: {path}",
        replaced="faktoora war in {host} als {name} bereits eingerichtet; der Eintrag ist ersetzt: {path}\n"
        "Mehrere Firmen nebeneinander brauchen je einen Namen: --name",
        private="Andere konnten diese Datei lesen, die Schlüssel enthalten kann; jetzt nur noch Sie.",
        read_only="Es wurde nichts geändert: {path} ist schreibgeschützt.",
        unchanged="faktoora ist in {host} bereits eingerichtet, es wurde nichts geändert: {path}",
        removed="faktoora wurde aus {host} entfernt: {path}",
        absent="faktoora ist in {host} nicht eingerichtet, es wurde nichts geändert: {path}",
        backup="Sicherung der bisherigen Datei, samt Schlüsseln: {backup}",
        would_write="Das würde in {path} geschrieben:",
        would_remove="faktoora würde aus {path} entfernt",
        restart="Starten Sie {host} jetzt neu.",
        invalid_json="Es wurde nichts geändert: {path} ist kein gültiges JSON{at} (Kommentare und doppelte "
        "Schlüssel sind nicht erlaubt). Reparieren Sie die Datei und versuchen Sie es erneut, oder tragen "
        "Sie von Hand ein, was --print zeigt.",
        wrong_format="Es wurde nichts geändert: {path} hat nicht das Format, das {host} dokumentiert{at}. "
        "Reparieren Sie die Datei und versuchen Sie es erneut, oder tragen Sie von Hand ein, was --print "
        "zeigt.",
        at=", bei {where}",
        unusable="Es wurde nichts geändert: {path} kann nicht gelesen oder geschrieben werden: {reason}.",
        changed="Es wurde nichts geändert: Ein anderes Programm hat {path} gerade geändert. "
        "Versuchen Sie es erneut.",
        no_project="{host} hat keine Konfiguration für Projekte. Lassen Sie --project weg.",
        shared="Die Konfiguration eines Projekts wird mit anderen geteilt und darf den Schlüssel nicht "
        "enthalten. Verwenden Sie --api-key-file oder --sandbox.",
        by_hand="{host} liest keine Adressen aus seiner Konfiguration: Fügen Sie in den Einstellungen einen "
        "Connector hinzu; docs/remote.md sagt, wie.",
        local_only="Diese Optionen sind für einen Server auf diesem Gerät: {options}. "
        "Lassen Sie sie mit --url weg.",
    ),
}
