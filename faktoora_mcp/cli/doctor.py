"""`faktoora-mcp doctor`: what keeps the server from working, and what to do about it; it changes nothing."""

import difflib
import json
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import cast

import anyio
import click
from pydantic import JsonValue

from faktoora_mcp import __version__
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.language import Language, spoken
from faktoora_mcp.settings import PREFIX, NoKeyError, Settings, SettingsError

from .console import say, speak_utf8
from .diagnosis import Finding, State, exit_code
from .hosts import HOSTS, BrokenError, Json, Machine, config_path, our_server, read
from .probe import probe

KNOWN = {PREFIX + name.upper(): name for name in Settings.model_fields}
KEY, KEY_FILE, SANDBOX, ADDRESS = (
    PREFIX + name for name in ("API_KEY", "API_KEY_FILE", "SANDBOX", "BASE_URL")
)
OF_TOOLS_AND_FIELDS = ("tools", "exclude_tools", "hide_fields")
PRIVATE = ("api_key", "api_key_file", "account", "db", "audit_log")
"""Settings whose values are not shown: they may name a person, a firm or a key."""
MASK = "••••"
HIDDEN = "[…]"
COLOURS: dict[State, str] = {"ok": "green", "note": "blue", "todo": "yellow", "unusable": "red"}
SIGNS: dict[State, str] = {"ok": "✓", "note": "·", "todo": "!", "unusable": "✗"}
VERDICTS: dict[Language, tuple[str, str, str]] = {
    "en": ("All is well.", "Something is to do.", "A setting cannot be used."),
    "de": ("Alles in Ordnung.", "Es ist etwas zu tun.", "Eine Einstellung ist nicht verwendbar."),
}
FOR_SUPPORT: dict[Language, str] = {
    "en": "Report of faktoora-mcp doctor for support, without keys and without customer data.",
    "de": "Bericht von faktoora-mcp doctor für den Support, ohne Schlüssel und ohne Kundendaten.",
}
PACKAGES = ("mcp", "httpx", "pydantic", "anyio")


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found, shown without what nobody else may read."""

    findings: tuple[Finding, ...]
    language: Language
    private: Mapping[str, str] = field(repr=False)

    @property
    def exit_code(self) -> int:
        return exit_code(self.findings)

    def as_object(self) -> dict[str, JsonValue]:
        """`{version, exitCode, findings: [{check, state, code, message, next?}]}`."""
        found: list[JsonValue] = [self._described(finding) for finding in self.findings]
        return {"version": __version__, "exitCode": self.exit_code, "findings": found}

    def texts(self) -> Iterator[tuple[State, str, str]]:
        """Every finding's state, text and advice."""
        for finding in self.findings:
            found, advice = finding.told(self.language, self._safe)
            yield finding.state, found, advice

    def _described(self, finding: Finding) -> JsonValue:
        found, advice = finding.told(self.language, self._safe)
        head = {"check": finding.entry.check, "state": finding.state, "code": finding.code, "message": found}
        return {**head, **({"next": advice} if advice else {})}

    def _safe(self, fact: str) -> str:
        for text, instead in self.private.items():
            fact = fact.replace(text, instead)
        return fact


def doctor(environ: Mapping[str, str], machine: Machine, *, as_json: bool, as_report: bool) -> int:
    """Examine and print. 0: all well, 1: something is to do, 2: a setting cannot be used."""
    speak_utf8()
    examination = anyio.run(examine, environ, machine)
    if as_json:
        click.echo(json.dumps(examination.as_object(), ensure_ascii=False, separators=(",", ":")))
    elif as_report:
        click.echo(report(examination))
    else:
        _show(examination)
    return examination.exit_code


async def examine(environ: Mapping[str, str], machine: Machine) -> Examination:
    """Settings, then the way to the API and one authorised read, then the hosts that start this server.

    Where the environment has no key, the settings are those that a host starts the server with.
    """
    hosts = [host for name in HOSTS if (host := _attachment(name, machine))]
    lenders = [host.environ for host in hosts]
    lender = None if _can_ask(environ) else next((host for host in hosts if _can_ask(host.environ)), None)
    borrowed = [Finding("settings_of_host", {"host": lender.title})] if lender else []
    given = {**(lender.environ if lender else {}), **environ}
    settings, found = _settings(given)
    attached = [host.finding for host in hosts] or [Finding("no_hosts")]
    lost = any(finding.facts.get("variable") == ADDRESS for finding in found)
    asked = [] if lost else await _api(settings)
    findings = (*borrowed, *found, *asked, *attached)
    keys = [_key_of(settings), *(source.get(KEY, "").strip() for source in (given, *lenders))]
    return Examination(findings, spoken(settings.language), _replacements(keys, machine))


def report(examination: Examination) -> str:
    """What support needs to know, to be put into a mail."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"faktoora-mcp {__version__}, Python {platform.python_version()}, {platform.platform()}"
    codes = (f"[{finding.state}] {finding.code}" for finding in examination.findings)
    told = (" ".join(filter(None, (found, advice))) for _, found, advice in examination.texts())
    lines = (f"{code}: {text}" for code, text in zip(codes, told, strict=True))
    return "\n".join((FOR_SUPPORT[examination.language], "", system, versions, "", *lines))


def _show(examination: Examination) -> None:
    for state, found, advice in examination.texts():
        say(f"{SIGNS[state]} {found}", fg=COLOURS[state], bold=state in ("todo", "unusable"))
        if advice:
            click.echo(f"  {advice}")
    say("\n" + VERDICTS[examination.language][examination.exit_code], bold=True)


def _can_ask(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name, "").strip() for name in (KEY, KEY_FILE, SANDBOX))


def _settings(environ: Mapping[str, str]) -> tuple[Settings, list[Finding]]:
    """The settings as far as they can be used, and what is to be said of them."""
    given = {name: text for name, text in environ.items() if name.startswith(PREFIX) and text.strip()}
    bad = {name: reason for name, text in sorted(given.items()) if (reason := _reason(name, text))}
    settings, key = _with_key({name: text for name, text in environ.items() if name not in bad})
    shown = ", ".join(_shown(settings, {name: given[name] for name in KNOWN if name in given.keys() - bad}))
    told = [Finding("bad_setting", {"variable": name, "reason": reason}) for name, reason in bad.items()]
    unknown = [_meant(name) for name in sorted(given.keys() - KNOWN)]
    keys = [] if key is None or KEY in bad else [key]
    return settings, [Finding("settings", {"set": shown}), *told, *unknown, *keys]


def _reason(variable: str, text: str) -> str | None:
    """Why a setting cannot be used, seen by itself."""
    try:
        settings = Settings.from_env({KEY: "any", variable: text})
        if KNOWN.get(variable) in OF_TOOLS_AND_FIELDS:
            from faktoora_mcp.server.app import create_server

            create_server(settings.model_copy(update={"sandbox": True}))
    except SettingsError as exc:
        return str(exc).removeprefix(f"{variable}: ")
    return None


def _meant(variable: str) -> Finding:
    near = difflib.get_close_matches(variable, KNOWN, 1, 0)[0]
    return Finding("unknown_setting", {"variable": variable, "near": near})


def _with_key(environ: Mapping[str, str]) -> tuple[Settings, Finding | None]:
    try:
        settings = Settings.from_env(environ)
    except SettingsError as exc:
        code = "no_key" if isinstance(exc, NoKeyError) else "bad_key_file"
        keyless = Settings.from_env({**environ, SANDBOX: "true"})
        return keyless.model_copy(update={"sandbox": False}), Finding(code)
    source = KEY if environ.get(KEY, "").strip() else KEY_FILE
    facts = {"masked": MASK, "length": len(_key_of(settings)), "source": source}
    return settings, None if settings.sandbox else Finding("key", facts)


def _key_of(settings: Settings) -> str:
    return settings.api_key.get_secret_value() if settings.api_key else ""


def _shown(settings: Settings, given: Mapping[str, str]) -> Iterator[str]:
    """The address, and what else was set; of private ones only that they are."""
    usual = {} if settings.sandbox else {ADDRESS: settings.base_url}
    for variable, text in {**usual, **given}.items():
        yield f"{variable}={MASK if KNOWN[variable] in PRIVATE else text}"


async def _api(settings: Settings) -> list[Finding]:
    if not settings.sandbox:
        return await probe(settings)
    try:
        async with connect(settings) as client:
            await client.list_customers(CustomerQuery(per_page=1))
    except (SettingsError, FaktooraError):
        return [Finding("bad_sandbox")]
    return [Finding("sandbox")]


@dataclass(frozen=True, slots=True)
class _Attachment:
    """What a host's configuration says of this server."""

    title: str
    finding: Finding
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def _attachment(name: str, machine: Machine) -> _Attachment | None:
    """None where the host is not set up at all."""
    host, path = HOSTS[name], config_path(HOSTS[name], machine)
    facts: dict[str, object] = {"name": name, "host": host.title, "path": path}
    try:
        entry = our_server(host, read(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, BrokenError):
        return _Attachment(host.title, Finding("bad_configuration", facts))
    if entry is None:
        return _Attachment(host.title, Finding("not_attached", facts))
    program = str(entry["command"])
    exists = shutil.which(program, path=machine.environ.get("PATH"))
    found = Finding("attached" if exists else "program_gone", facts | {"program": program})
    return _Attachment(host.title, found, _variables(entry))


def _variables(entry: Json) -> dict[str, str]:
    """The settings of this entry; what the host would ask its user for is not known here."""
    env = cast("Json", entry.get("env", {}))
    texts = {name: str(value) for name, value in env.items() if name.startswith(PREFIX)}
    return {name: text for name, text in texts.items() if not text.startswith("${")}


def _replacements(secrets: Iterable[str], machine: Machine) -> dict[str, str]:
    home = str(machine.home)
    names = {home: "~"} if len(machine.home.parts) > 1 else {}
    return {secret: HIDDEN for secret in secrets if secret} | names
