"""`faktoora-mcp doctor --audit`: writes in an audit log that have no outcome, and what to look for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import click
from pydantic import JsonValue

from faktoora_mcp import __version__
from faktoora_mcp.language import Language, user_language
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.audit import Line, Unfinished, unfinished

from .console import echo
from .options import variable
from .probes.forms import Texts

VALUE_CHARS = 80
NAMED: dict[str, Texts] = {
    "id": Texts("id", "Id"),
    "customerId": Texts("number", "Kundennummer"),
    "email": Texts("e-mail", "E-Mail"),
    "name": Texts("name", "Name"),
    "firstName": Texts("first name", "Vorname"),
    "lastName": Texts("last name", "Nachname"),
    "postcode": Texts("postcode", "PLZ"),
    "city": Texts("city", "Ort"),
    "fileId": Texts("fileId", "fileId"),
}
"""The fields by which a customer or a file is found."""

# fmt: off
LOOK_FOR: dict[str, Texts] = {
    "create_customer": Texts(
        "Look for a customer with {attempted}. If there is none, it was not created.",
        "Suchen Sie nach einem Kunden mit {attempted}. Gibt es keinen, wurde er nicht angelegt."),
    "update_customer": Texts(
        "Compare these fields of customer {id}: {attempted}. If they are equal, the change was made.",
        "Vergleichen Sie diese Felder des Kunden {id}: {attempted}. Sind sie gleich, wurde er geändert."),
    "delete_customer": Texts(
        "Look whether this customer is still there: {attempted}. If so, it was not deleted.",
        "Sehen Sie nach, ob es diesen Kunden noch gibt: {attempted}. Wenn ja, wurde er nicht gelöscht."),
    "import_customers": Texts(
        "Look for the customers of this file: {attempted}. If there are none, it was not imported.",
        "Suchen Sie nach den Kunden dieser Datei: {attempted}. Gibt es keine, wurde sie nicht importiert."),
}
"""By tool."""
NOT_SAID = Texts(
    "The line does not say what was sent. Compare the newest customers with your documents.",
    "Die Zeile sagt nicht, was gesendet wurde. Vergleichen Sie die neuesten Kunden mit Ihren Unterlagen.")
EMPTY = Texts("(empty)", "(leer)")
FINISHED = Texts(
    "Every write in this log has an outcome.",
    "Jede Änderung in diesem Protokoll hat ein Ergebnis.")
UNFINISHED = Texts(
    "Writes without an outcome: {count}. Look no earlier than a few minutes after the time shown: "
    "until then a write may be under way or arrive late.",
    "Änderungen ohne Ergebnis: {count}. Sehen Sie frühestens einige Minuten nach der genannten Zeit nach: "
    "Bis dahin kann eine Änderung noch unterwegs sein.")
TORN = Texts(
    "Lines that are not whole: {count}. An outcome may have been among them.",
    "Unvollständige Zeilen: {count}. Auch ein Ergebnis kann darunter gewesen sein.")
UNREADABLE = Texts("{path} cannot be read: {reason}.", "{path} ist nicht lesbar: {reason}.")
# fmt: on


def audit_report(path: Path, environ: Mapping[str, str], *, as_json: bool) -> int:
    """Print the unfinished writes of an audit log. 0: there are none, 1: some, 2: it cannot be read."""
    chosen = environ.get(variable("language"))
    language = user_language(chosen if chosen in ("de", "en") else None)
    try:
        found = unfinished(path)
    except OSError as exc:
        return _unreadable(path, exc, language, as_json=as_json)
    if as_json:
        _print_json(_as_object(found, language))
    else:
        _show(found, language)
    return _exit_code(found)


def _exit_code(found: Unfinished) -> int:
    return 1 if found.intents else 0


def _as_object(found: Unfinished, language: Language) -> dict[str, JsonValue]:
    """`{version, exitCode, unfinished: [{time, tool, …, attempted, next}], tornLines}`."""
    writes: list[JsonValue] = [_described(line, language) for line in found.intents]
    head: dict[str, JsonValue] = {"version": __version__, "exitCode": _exit_code(found)}
    return {**head, "unfinished": writes, "tornLines": found.torn_lines}


def _described(line: Line, language: Language) -> JsonValue:
    head = {name: text for name in ("time", "tool", "client", "account", "id") if (text := _text(line, name))}
    return {**head, "attempted": {**_attempted(line)}, "next": _next(line, language)}


def _show(found: Unfinished, language: Language) -> None:
    for line in found.intents:
        head = (_text(line, name) for name in ("time", "tool", "client", "account"))
        echo("! " + "  ".join(filter(None, head)), fg="yellow", bold=True)
        echo(f"  {_next(line, language)}")
    if found.torn_lines:
        echo("· " + _in(language, TORN).format(count=found.torn_lines), fg="blue")
    if found.intents:
        echo("\n" + _in(language, UNFINISHED).format(count=len(found.intents)), bold=True)
    else:
        echo("✓ " + _in(language, FINISHED), fg="green")


def _next(line: Line, language: Language) -> str:
    """What to look for in faktoora."""
    attempted = ", ".join(_facts(_attempted(line), language))
    texts = LOOK_FOR.get(_text(line, "tool"), NOT_SAID) if attempted else NOT_SAID
    return _in(language, texts).format(id=_text(line, "id"), attempted=attempted)


def _attempted(line: Line) -> dict[str, str]:
    """What identifies the record or the file; of an update, every field that was to be set."""
    sent = line.get("attempted")
    values = cast("Line", sent) if isinstance(sent, dict) else Line()
    shown = {_shown(name): _shown(value) for name, value in values.items()}
    if line.get("tool") == "update_customer":
        return shown
    return {name: shown[name] for name in NAMED if shown.get(name)}


def _facts(attempted: Mapping[str, str], language: Language) -> Iterator[str]:
    for name, value in attempted.items():
        yield f"{_in(language, NAMED[name]) if name in NAMED else name} {value or _in(language, EMPTY)}"


def _text(line: Line, name: str) -> str:
    return _shown(line.get(name))


def _shown(value: object) -> str:
    """A value in one line, without invisible characters, of bounded length; "" for none."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bounded(" ".join(text.split()), VALUE_CHARS)


def _in(language: Language, texts: Texts) -> str:
    return texts[Texts._fields.index(language)]


def _unreadable(path: Path, error: OSError, language: Language, *, as_json: bool) -> int:
    text = _in(language, UNREADABLE).format(path=path, reason=error.strerror or error)
    if as_json:
        _print_json({"version": __version__, "exitCode": 2, "error": text})
    else:
        echo(f"✗ {text}", err=True, fg="red", bold=True)
    return 2


def _print_json(value: Mapping[str, JsonValue]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
