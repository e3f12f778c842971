"""What went wrong and what to do: for people in German by the kind of error, in English as for agents."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.answers.failures import error_text
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.language import spoken

GERMAN = {
    "invalid_input": ("Eine Angabe passt nicht.", "Berichtigen Sie sie."),
    "not_found": (
        "Einen solchen Kunden, eine solche Datei oder ein solches Werkzeug gibt es nicht.",
        "Prüfen Sie die Angabe.",
    ),
    "ambiguous": ("Mehrere Kunden passen.", "Nennen Sie die id des gemeinten."),
    "duplicate": (
        "Einen solchen Kunden gibt es wohl schon.",
        "Vergleichen Sie ihn; allow_duplicate=true legt ihn trotzdem an.",
    ),
    "conflict": (
        "Der Zustand des Kunden lässt das nicht zu.",
        "Lesen Sie ihn, bevor Sie es erneut versuchen.",
    ),
    "not_confirmed": (
        "Es wurde nicht bestätigt; nichts wurde geändert.",
        "Bestätigen Sie mit dem ganzen Namen oder der Kundennummer.",
    ),
    "unauthorized": (
        "faktoora akzeptiert den API-Schlüssel nicht.",
        "Erstellen Sie in faktoora unter API Access im Profilmenü einen neuen.",
    ),
    "forbidden": ("Der API-Schlüssel erlaubt das nicht.", "Bitten Sie um einen Schlüssel mit diesem Recht."),
    "read_only": ("Der Server wurde nur zum Lesen gestartet.", "Lassen Sie --read-only weg, um zu ändern."),
    "write_limit": (
        "In diesem Lauf sind keine weiteren Änderungen erlaubt.",
        "Erhöhen Sie --max-writes oder --max-deletes.",
    ),
    "audit_unavailable": (
        "Das Änderungsprotokoll lässt sich nicht schreiben; nichts wurde geändert.",
        "Prüfen Sie die Datei in --audit-log.",
    ),
    "rate_limited": ("Das sind zu viele Anfragen.", "Warten Sie eine Minute, und versuchen Sie es erneut."),
    "busy": (
        "Es ist keine Verbindung frei, oder ein solcher Kunde wird gerade angelegt; nichts wurde gesendet.",
        "Versuchen Sie es gleich noch einmal.",
    ),
    "upstream_error": ("faktoora meldet einen eigenen Fehler.", "Versuchen Sie es später erneut."),
    "upstream_unreadable": (
        "Die Antwort von faktoora hat keine bekannte Form.",
        "Prüfen Sie mit: faktoora-mcp doctor",
    ),
    "timeout": (
        "faktoora hat nicht rechtzeitig geantwortet.",
        "Versuchen Sie es später erneut, oder erhöhen Sie --timeout-s.",
    ),
    "unreachable": ("Es kommt keine Verbindung zu faktoora zustande.", "Prüfen Sie mit: faktoora-mcp doctor"),
    "not_created": (
        "Die Antwort ging verloren; nachweislich wurde nichts angelegt.",
        "Versuchen Sie es erneut.",
    ),
    "outcome_unknown": (
        "Die Antwort auf eine Änderung ging verloren; sie kann ausgeführt worden sein.",
        "Sehen Sie nach, bevor Sie es erneut versuchen.",
    ),
    "state_unavailable": (
        "Der gemeinsame Zustand der Server ist nicht erreichbar.",
        "Versuchen Sie es später erneut.",
    ),
    "internal": (
        "Das ist ein Fehler dieses Programms.",
        "Prüfen Sie die Daten, bevor Sie es erneut versuchen.",
    ),
}
"""What happened and what to do next, by code. What the API says in its own words is left out."""


def told(error: FaktooraError, hidden: frozenset[str]) -> str:
    """In one line."""
    return error_text(error, hidden) if spoken() == "en" else " ".join(GERMAN[error.code])


def message_and_advice(envelope: Mapping[str, JsonValue]) -> tuple[str, str]:
    """The two sentences of an error that an agent would read."""
    code = str(envelope["code"])
    if spoken() == "de" and code in GERMAN:
        return GERMAN[code]
    return cast("str", envelope["message"]), cast("str", envelope["next"])
