"""What an operator can set, and the limits that several rooms share."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from .quotas import Limit

PREFIX = "FAKTOORA_"
ANSWER_BYTES = 24_000
"""The budget of every answer to an agent."""
UNDO_BYTES = ANSWER_BYTES // 2
"""What an answer has room for to take back a change of many customers."""
BODY_BYTES = 20_000_000
"""A larger response body from the API is refused, compressed or not."""
MIN_WRITE_S = 5.0
"""A write is not begun with less time than this for its answer (or than timeout_s, where that is less)."""
LATE_COMMIT_S = 120.0
"""So long after a lost answer no second creation of the same customer is sent."""
MIN_PAGE_SIZE, PAGE_SIZE, MAX_PAGE_SIZE = 10, 20, 100
"""Customers on a page: the fewest that a walk asks for, the default, and the most that the API allows."""
PAGES_IN_FLIGHT = WRITES_IN_FLIGHT = 4
"""So many pages a scan reads, and so many writes a call for many customers makes, at the same time."""
CALLS_IN_FLIGHT, CALLS_WAITING = 64, 1000
"""So many tool calls run at the same time, and so many more wait; others are refused."""
WALK_PAGE_SIZE, FALLBACK_PAGE_SIZE = 1000, 100
"""Customers that a walk asks for on a page, and where the API refuses that."""
PROOF_S = 600.0
"""So long a proof of what the search covers is relied on."""
MIN_KEY_CHARS, MAX_KEY_CHARS = 8, 500
"""A shorter key is refused: it could be a word, and masking it would garble what is shown.

A caller's key that is longer is refused, too: masking it would keep other calls waiting.
"""
MAX_ACCOUNTS = 1000
"""So many accounts are remembered with what their API has shown."""
KEY_TOO_SHORT = "{name}: no API key is shorter than {count} characters."
EXPECTED = {
    "bool_parsing": "expected true or false",
    "float_parsing": "expected a number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "literal_error": "expected one of {expected}",
    "string_too_long": "expected at most {max_length} characters",
}
"""What a setting has to be, by the kind of the fault."""
UNFILLED = re.compile(r"\$\{user_config\.\w+\}")
"""The placeholder that some hosts pass on for a bundle's setting without a value."""


class SettingsError(ValueError):
    """An unusable setting, named in one sentence that never shows a secret.

    Where there are `values`, `text` names them in braces, so that it can be said in another language.
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text, self.values = text, values


class NoKeyError(SettingsError):
    """Neither a key nor --sandbox was given."""


def _names(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _mode(value: object, switch: ValidatorFunctionWrapHandler) -> bool:
    """A switch, also in the words of the bundle, which writes `mode:` first: an empty one is refused then."""
    word = str(value).casefold().removeprefix("mode:").strip()
    try:
        return switch({"sandbox": True, "live": False}.get(word, word))
    except ValidationError:
        raise ValueError("expected sandbox or live, true or false") from None


def _language(value: object) -> object:
    """A language by its code or its name, as users type it into a host's form."""
    known = {"de": "de", "ge": "de", "en": "en"}
    return known.get(value.casefold()[:2], value) if isinstance(value, str) else value


def usable_address(url: str) -> str:
    """An https:// address, or http:// of this machine. ValueError for another."""
    if re.search(r"[?#@\s]", url) or not url.isprintable():
        raise ValueError("an address without user name, query, fragment and blanks is needed")
    parts = urlsplit(url)
    plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if not (parts.hostname and _has_usable_port(parts) and (parts.scheme == "https" or plain)):
        raise ValueError("an https:// address is needed (http:// only for this machine)")
    return url.rstrip("/")


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _usable_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not re.fullmatch("[!-~]+", text):
        raise ValueError("is empty, or holds blanks or characters that no API key has")
    return SecretStr(text)


def usable_key(text: str) -> str:
    """A key that somebody else brings. ValueError for one that no API can have given out."""
    if not MIN_KEY_CHARS <= len(text) <= MAX_KEY_CHARS:
        raise ValueError(f"an API key has {MIN_KEY_CHARS} to {MAX_KEY_CHARS} characters")
    return _usable_key(SecretStr(text)).get_secret_value()


def usable_id(text: str) -> str:
    """The id of an account. ValueError for one with blanks or special letters."""
    if not re.fullmatch("[!-~]{1,200}", text):
        raise ValueError("an id without blanks and special letters is needed")
    return text


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Mode = Annotated[bool, WrapValidator(_mode)]


class FromEnvironment(BaseModel):
    """Settings of which field `x_y` is the option --x-y and the variable FAKTOORA_X_Y."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def from_variables(cls, environ: Mapping[str, str], **defaults: str) -> Self:
        """Read FAKTOORA_… variables; empty ones and placeholders that a host did not fill count as unset.

        SettingsError, which names the variable, for an unusable value.
        """
        given = {name: _filled(environ.get(PREFIX + name.upper(), "")) for name in cls.model_fields}
        try:
            return cls.model_validate(defaults | {name: text for name, text in given.items() if text})
        except ValidationError as exc:
            raise _unusable(exc) from None


class Settings(FromEnvironment):
    """The settings of one run."""

    api_key: Annotated[SecretStr, AfterValidator(_usable_key)] | None = Field(
        default=None, description="faktoora API key (only as a variable, so that no process list shows it)"
    )
    api_key_file: Path | None = Field(default=None, description="file that holds the API key instead")
    base_url: Annotated[str, AfterValidator(usable_address)] = Field(
        default="https://api.faktoora.com/api/v1", description="address of the API"
    )
    account_id: Annotated[str, AfterValidator(usable_id)] | None = Field(
        default=None, description="id of the account, where the key is good for several"
    )
    sandbox: Mode = Field(default=False, description="use invented customers and no key, even if one is set")
    db: Path | None = Field(
        default=None, description="file that keeps the sandbox's customers (default: memory)"
    )
    dialect: Literal["documented", "current"] = Field(
        default="documented",
        description="API of the sandbox: as specified, or current, as the vendor's newer pages describe it",
    )
    read_only: bool = Field(default=False, description="offer no tool that changes data")
    tools: Names = Field(default=(), description="offer only these tools, separated by commas")
    exclude_tools: Names = Field(default=(), description="never offer these tools, separated by commas")
    account: str | None = Field(
        default=None,
        max_length=80,
        description="name of the account, shown in title, instructions and changes",
    )
    hide_fields: Names = Field(
        default=(), description="never show these fields of a customer, separated by commas"
    )
    audit_log: Path | None = Field(
        default=None,
        description="file for two lines of JSON about every change, - for stderr, FILE,- for both; "
        "without the first no change is sent",
    )
    max_writes: Limit = Field(default=None, description="changes in a run, or of a caller in an hour: 100/h")
    max_deletes: Limit = Field(default=None, description="deletions in a run, or of a caller in an hour")
    max_bulk: int = Field(
        default=200, ge=1, le=10_000, description="customers changed by one tool call at most"
    )
    files: Path | None = Field(
        default=None, description="folder with lists that import_customers may read, not over HTTP"
    )
    language: Annotated[Literal["de", "en"] | None, BeforeValidator(_language)] = Field(
        default=None,
        description="language of prompts, commands and questions to users, de or en (default: the system's)",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        default="info", description="what goes to stderr; never keys, search words or records"
    )
    log_format: Literal["text", "json"] = Field(default="text", description="form of the lines on stderr")
    timeout_s: float = Field(
        default=20.0, gt=0, le=300, description="seconds for one API request, including waiting and retries"
    )
    reconcile_s: float = Field(
        default=10.0,
        ge=0,
        le=120,
        description="seconds for finding the outcome of a change whose answer was lost",
    )
    call_s: float = Field(
        default=55.0,
        gt=0,
        le=900,
        description="seconds for a whole tool call; what does not fit is not begun",
    )
    scan_s: float = Field(default=50.0, gt=0, le=600, description="seconds for a scan of all customers")
    max_scan: int = Field(default=100_000, ge=1, description="customers that a scan reads at most")
    max_connections: int = Field(default=8, ge=1, le=256, description="API requests at the same time")
    api_rps: float | None = Field(
        default=None, gt=0, le=1000, description="API requests a second with one key (default: no limit)"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, keyless: bool = False) -> Self:
        """Read FAKTOORA_… variables, and LC_ALL, LC_MESSAGES, LANG for the language.

        `keyless`: every request brings its own key, so none is read. SettingsError for an unusable value or
        a missing key.
        """
        language = _system_language(environ)
        settings = cls.from_variables(environ, **({"language": language} if language else {}))
        if keyless:
            return settings.model_copy(update={"api_key": None, "api_key_file": None})
        if settings.sandbox:
            return settings
        key, source = settings.api_key, "API_KEY"
        if key is None:
            key, source = _key_from(settings.api_key_file), "API_KEY_FILE"
        if len(key.get_secret_value()) < MIN_KEY_CHARS:
            raise SettingsError(KEY_TOO_SHORT, name=f"{PREFIX}{source}", count=MIN_KEY_CHARS)
        return settings.model_copy(update={"api_key": key})

    @property
    def key(self) -> str:
        """The API key, or an empty text."""
        return self.api_key.get_secret_value() if self.api_key else ""


def _filled(text: str) -> str:
    return "" if UNFILLED.fullmatch(text.strip()) else text.strip()


def _system_language(environ: Mapping[str, str]) -> str:
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return locale[:2] if locale[:2] in ("de", "en") else ""


def _key_from(path: Path | None) -> SecretStr:
    if path is None:
        raise NoKeyError(
            "No API key: set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE), or try it without one by --sandbox."
        )
    try:
        return _usable_key(SecretStr(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise SettingsError("FAKTOORA_API_KEY_FILE: no API key can be read from {path}.", path=path) from None


def _unusable(exc: ValidationError) -> SettingsError:
    """The first fault, by its kind in pydantic, or in the words of a validator of ours."""
    error = exc.errors(include_url=False, include_input=False)[0]
    told = EXPECTED.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    variable = f"{PREFIX}{str(error['loc'][0]).upper()}"
    values = {name: str(value).replace(" or ", ", ") for name, value in error.get("ctx", {}).items()}
    return SettingsError(f"{{name}}: {told}.", name=variable, **values)
