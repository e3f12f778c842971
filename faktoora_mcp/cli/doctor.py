"""`faktoora-mcp doctor`: finds out why the server does not work and what to do. It changes nothing."""

import difflib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import anyio
import click
from pydantic import JsonValue

from faktoora_mcp import __version__
from faktoora_mcp.answers.redaction import check_hide_fields
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.language import Language, user_language
from faktoora_mcp.server.definitions import check_tool_names
from faktoora_mcp.settings import MIN_KEY_CHARS, PREFIX, NoKeyError, Settings, SettingsError
from faktoora_mcp.text import masked

from .console import echo
from .hosts.attached import Attached
from .hosts.configuration import HOSTS, Machine
from .options import variable
from .probes.connection import key_expiry, probe
from .probes.findings import Finding, State, exit_code
from .probes.forms import FORMS_TITLES, Form
from .probes.hosts import ExaminedHost, examined_host, has_key, surroundings

KNOWN = {variable(name): name for name in Settings.model_fields}
KEY, KEY_FILE, SANDBOX, BASE_URL = map(variable, ("api_key", "api_key_file", "sandbox", "base_url"))
PRIVATE = ("api_key", "api_key_file", "account", "db", "audit_log")
"""Settings whose values are not shown: they may contain a person's or a company's name, or a key."""
MASK = "••••"
COLOURS: dict[State, str] = {"ok": "green", "note": "blue", "todo": "yellow", "unusable": "red"}
SIGNS: dict[State, str] = {"ok": "✓", "note": "·", "todo": "!", "unusable": "✗"}
VERDICTS: dict[Language, tuple[str, str, str]] = {
    "en": ("All is well.", "There is something to do.", "A setting cannot be used."),
    "de": ("Alles in Ordnung.", "Es ist etwas zu tun.", "Eine Einstellung ist nicht verwendbar."),
}
"""By exit code."""
REPORT_TITLES: dict[Language, str] = {
    "en": "Report of faktoora-mcp doctor for support, without keys and without customer data.",
    "de": "Bericht von faktoora-mcp doctor für den Support, ohne Schlüssel und ohne Kundendaten.",
}
PACKAGES = ("mcp", "httpx", "pydantic", "anyio")


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found; neither a key nor the home folder, which names its owner, is shown.

    `forms` are those of the API, if they were asked for.
    """

    findings: tuple[Finding, ...]
    language: Language
    keys: tuple[str, ...] = field(repr=False)
    home: Path = field(repr=False)
    forms: tuple[Form, ...] | None = None

    @property
    def exit_code(self) -> int:
        return exit_code(self.findings)

    def as_object(self) -> dict[str, JsonValue]:
        """`{version, exitCode, findings: [{check, state, code, message, next?}], api?: [{point, …}]}`."""
        findings: list[JsonValue] = [self._described(finding) for finding in self.findings]
        forms: list[JsonValue] = [form.as_object(self.language) for form in self.forms or ()]
        api: dict[str, JsonValue] = {} if self.forms is None else {"api": forms}
        return {"version": __version__, "exitCode": self.exit_code, "findings": findings, **api}

    def texts(self) -> Iterator[tuple[State, str, str]]:
        """State, text and advice of every finding."""
        for finding in self.findings:
            found, advice = finding.text(self.language, self._redacted)
            yield finding.state, found, advice

    def _described(self, finding: Finding) -> JsonValue:
        found, advice = finding.text(self.language, self._redacted)
        head = {"check": finding.entry.check, "state": finding.state, "code": finding.code, "message": found}
        return {**head, **({"next": advice} if advice else {})}

    def _redacted(self, fact: str) -> str:
        for key in self.keys:
            fact = masked(fact, key)
        return fact.replace(str(self.home), "~") if len(self.home.parts) > 1 else fact


def doctor(
    environ: Mapping[str, str], machine: Machine, *, as_json: bool, as_report: bool, with_forms: bool = False
) -> int:
    """Examine and print. 0: all is well, 1: there is something to do, 2: a setting cannot be used."""
    examination = anyio.run(partial(examine, environ, machine, with_forms=with_forms))
    if as_json:
        click.echo(json.dumps(examination.as_object(), ensure_ascii=False, separators=(",", ":")))
    elif as_report:
        click.echo(report(examination))
    else:
        _show(examination)
    return examination.exit_code


async def examine(environ: Mapping[str, str], machine: Machine, *, with_forms: bool = False) -> Examination:
    """Examine the settings, the API by authorised reads, and the hosts that start this server.

    `with_forms`: also find out which forms the API has, if it lists customers.

    The settings of the environment, if it has a key, and those with which hosts start the server, are each
    examined apart.
    """
    hosts = [host for name in HOSTS if (host := examined_host(name, machine, environ))]
    sources = [*_sources(environ, hosts)]
    findings: list[Finding] = []
    settings: list[Settings] = []
    for source in sources:
        with surroundings(source.surroundings):
            settings.append(await _examine_settings(source, findings))
    forms = await _forms(settings[0], findings) if with_forms else None
    findings += [finding for host in hosts for finding in host.findings]
    findings += [] if hosts else [Finding("no_hosts", {"names": ", ".join(HOSTS)})]
    environs = (environ, *(entry.environ for host in hosts for entry in host.entries))
    keys = (*(one.key for one in settings), *(each.get(KEY, "").strip() for each in environs))
    return Examination(tuple(findings), user_language(settings[0].language), keys, machine.home, forms)


@dataclass(frozen=True, slots=True)
class _Source:
    """Settings with which the server is started: those of this shell, or of hosts, never mixed."""

    environ: Mapping[str, str] = field(repr=False)
    hosts: str = ""
    surroundings: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def _sources(environ: Mapping[str, str], hosts: Iterable["ExaminedHost"]) -> Iterator[_Source]:
    """This shell, if it chooses a key or the sandbox or nobody does; then the hosts, equal settings once."""
    found: dict[tuple[object, ...], tuple[Attached, list[str]]] = {}
    for host in hosts:
        for entry in host.entries:
            if has_key(entry.environ):
                parts = (*sorted(entry.environ.items()), *sorted(entry.surroundings.items()))
                found.setdefault(parts, (entry, []))[1].append(f"{host.title} ({entry.name})")
    if has_key(environ) or not found:
        yield _Source(environ)
    for entry, titles in found.values():
        yield _Source(entry.environ, ", ".join(titles), entry.surroundings)


async def _examine_settings(source: _Source, findings: list[Finding]) -> Settings:
    settings, about = _settings(source.environ)
    if source.hosts:
        findings.append(Finding("settings_of_host", {"host": source.hosts}))
    findings += about
    if not any(finding.facts.get("variable") == BASE_URL for finding in about):
        findings += await _api(settings)
    return settings


def report(examination: Examination) -> str:
    """The text for an e-mail to support."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"faktoora-mcp {__version__}, Python {platform.python_version()}, {platform.platform()}"
    codes = (f"[{finding.state}] {finding.code}" for finding in examination.findings)
    texts = (" ".join(filter(None, (found, advice))) for _, found, advice in examination.texts())
    lines = (f"{code}: {text}" for code, text in zip(codes, texts, strict=True))
    forms = (f"[{form.point}] {form.text(examination.language)}" for form in examination.forms or ())
    return "\n".join((REPORT_TITLES[examination.language], "", system, versions, "", *lines, *forms))


def _show(examination: Examination) -> None:
    for state, found, advice in examination.texts():
        echo(f"{SIGNS[state]} {found}", fg=COLOURS[state], bold=state in ("todo", "unusable"))
        if advice:
            echo(f"  {advice}")
    if examination.forms:
        _show_forms(examination.forms, examination.language)
    echo("\n" + VERDICTS[examination.language][examination.exit_code], bold=True)


def _show_forms(forms: Iterable[Form], language: Language) -> None:
    echo("\n" + FORMS_TITLES[language], bold=True)
    for form in forms:
        state: State = "ok" if form.is_known else "note"
        echo(f"{SIGNS[state]} {form.text(language)}", fg=COLOURS[state])
        if form.request:
            echo(f"  {form.request}", dim=True)


def _settings(environ: Mapping[str, str]) -> tuple[Settings, list[Finding]]:
    """The settings that can be used, and the findings about all of them."""
    given = {name: text for name, text in environ.items() if name.startswith(PREFIX) and text.strip()}
    bad = {name: reason for name, text in sorted(given.items()) if (reason := _problem(name, text))}
    settings, key = _with_key({name: text for name, text in environ.items() if name not in bad})
    shown = ", ".join(_shown(settings, {name: given[name] for name in KNOWN if name in given.keys() - bad}))
    unusable = [Finding("bad_setting", {"variable": name, "reason": bad[name]}) for name in bad]
    unknown = [_unknown(name) for name in sorted(given.keys() - KNOWN)]
    keys = [] if key is None or KEY in bad else [key]
    return settings, [Finding("settings", {"set": shown}), *unusable, *unknown, *keys]


def _problem(name: str, text: str) -> str | None:
    """Why this setting cannot be used, apart from all others."""
    try:
        settings = Settings.from_env({KEY: "x" * MIN_KEY_CHARS, name: text})
        check_tool_names(settings)
        check_hide_fields(settings.hide_fields)
    except SettingsError as exc:
        return str(exc).removeprefix(f"{name}: ")
    return None


def _unknown(name: str) -> Finding:
    near = difflib.get_close_matches(name, KNOWN, 1, 0)[0]
    return Finding("unknown_setting", {"variable": name, "near": near})


def _with_key(environ: Mapping[str, str]) -> tuple[Settings, Finding | None]:
    """The settings, without a key if there is none, and the finding about the key."""
    try:
        settings = Settings.from_env(environ)
    except SettingsError as exc:
        code = "no_key" if isinstance(exc, NoKeyError) else "bad_key_file"
        keyless = Settings.from_env({**environ, SANDBOX: "true"})
        return keyless.model_copy(update={"sandbox": False}), Finding(code)
    source = KEY if environ.get(KEY, "").strip() else KEY_FILE
    facts = {"masked": MASK, "length": len(settings.key), "source": source}
    return settings, None if settings.sandbox else Finding("key", facts)


def _shown(settings: Settings, given: Mapping[str, str]) -> Iterator[str]:
    """The address and all variables that are set, private ones without their values."""
    default = {} if settings.sandbox else {BASE_URL: settings.base_url}
    for name, text in {**default, **given}.items():
        yield f"{name}={MASK if KNOWN[name] in PRIVATE else text}"


async def _api(settings: Settings) -> list[Finding]:
    if not settings.sandbox:
        findings = await probe(settings)
        accepted = any(finding.code == "read" for finding in findings)
        return [*findings, *(await key_expiry(settings, datetime.now(UTC)) if accepted else ())]
    try:
        async with connect(settings) as client:
            await client.list_customers(CustomerQuery(per_page=1))
    except (SettingsError, FaktooraError):
        return [Finding("bad_sandbox")]
    return [Finding("sandbox")]


async def _forms(settings: Settings, findings: Iterable[Finding]) -> tuple[Form, ...]:
    from .probes.api import api_forms

    lists = any(finding.code in ("read", "sandbox") for finding in findings)
    return tuple(await api_forms(settings)) if lists else ()
