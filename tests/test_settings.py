"""Settings: every field by its variable, and the error for an unusable value."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr, ValidationError

from faktoora_mcp.quotas import Quota
from faktoora_mcp.sandbox.forms import Dialect
from faktoora_mcp.settings import Settings, SettingsError

KEY = "secret-key-4711"
ALL = {
    "FAKTOORA_API_KEY": KEY,
    "FAKTOORA_API_KEY_FILE": "/run/secrets/faktoora",
    "FAKTOORA_BASE_URL": "https://test.faktoora.com/api/v1",
    "FAKTOORA_ACCOUNT_ID": "acc-4711",
    "FAKTOORA_SANDBOX": "true",
    "FAKTOORA_DB": "/data/sandbox.db",
    "FAKTOORA_DIALECT": "current",
    "FAKTOORA_READ_ONLY": "1",
    "FAKTOORA_TOOLS": "list_customers, get_customer,",
    "FAKTOORA_EXCLUDE_TOOLS": "delete_customer",
    "FAKTOORA_ACCOUNT": "Muster & Co.",
    "FAKTOORA_HIDE_FIELDS": "email, note",
    "FAKTOORA_AUDIT_LOG": "/var/log/faktoora.jsonl",
    "FAKTOORA_MAX_WRITES": "20",
    "FAKTOORA_MAX_DELETES": "2/h",
    "FAKTOORA_MAX_BULK": "50",
    "FAKTOORA_FILES": "/srv/lists",
    "FAKTOORA_LANGUAGE": "de",
    "FAKTOORA_LOG_LEVEL": "debug",
    "FAKTOORA_LOG_FORMAT": "json",
    "FAKTOORA_TIMEOUT_S": "7.5",
    "FAKTOORA_RECONCILE_S": "2.5",
    "FAKTOORA_CALL_S": "40",
    "FAKTOORA_SCAN_S": "30",
    "FAKTOORA_MAX_SCAN": "5000",
    "FAKTOORA_MAX_CONNECTIONS": "3",
    "FAKTOORA_API_RPS": "2.5",
}


def read(**given: str) -> Settings:
    """Settings from variables without their prefix."""
    return Settings.from_env({f"FAKTOORA_{name}": value for name, value in given.items()})


def refusal(**given: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read(**given)
    return str(refused.value)


def test_every_field_is_read_from_its_variable() -> None:
    assert {f"FAKTOORA_{name.upper()}" for name in Settings.model_fields} == {*ALL}
    assert Settings.from_env(ALL).model_dump() == {
        "api_key": SecretStr(KEY),
        "api_key_file": Path("/run/secrets/faktoora"),
        "base_url": "https://test.faktoora.com/api/v1",
        "account_id": "acc-4711",
        "sandbox": True,
        "db": Path("/data/sandbox.db"),
        "dialect": "current",
        "read_only": True,
        "tools": ("list_customers", "get_customer"),
        "exclude_tools": ("delete_customer",),
        "account": "Muster & Co.",
        "hide_fields": ("email", "note"),
        "audit_log": Path("/var/log/faktoora.jsonl"),
        "max_writes": {"most": 20, "hourly": False},
        "max_deletes": {"most": 2, "hourly": True},
        "max_bulk": 50,
        "files": Path("/srv/lists"),
        "language": "de",
        "log_level": "debug",
        "log_format": "json",
        "timeout_s": 7.5,
        "reconcile_s": 2.5,
        "call_s": 40.0,
        "scan_s": 30.0,
        "max_scan": 5000,
        "max_connections": 3,
        "api_rps": 2.5,
    }


def test_a_key_is_enough() -> None:
    assert read(API_KEY=KEY).model_dump() == {
        "api_key": SecretStr(KEY),
        "api_key_file": None,
        "base_url": "https://api.faktoora.com/api/v1",
        "account_id": None,
        "sandbox": False,
        "db": None,
        "dialect": "documented",
        "read_only": False,
        "tools": (),
        "exclude_tools": (),
        "account": None,
        "hide_fields": (),
        "audit_log": None,
        "max_writes": None,
        "max_deletes": None,
        "max_bulk": 200,
        "files": None,
        "language": None,
        "log_level": "info",
        "log_format": "text",
        "timeout_s": 20.0,
        "reconcile_s": 10.0,
        "call_s": 55.0,
        "scan_s": 50.0,
        "max_scan": 100_000,
        "max_connections": 8,
        "api_rps": None,
    }


@pytest.mark.parametrize(
    ("typed", "language"),
    [("de", "de"), ("Deutsch", "de"), ("German", "de"), ("EN", "en"), ("englisch", "en")],
)
def test_a_language_is_understood_by_its_name_too(typed: str, language: str) -> None:
    assert read(API_KEY=KEY, LANGUAGE=typed).language == language


@pytest.mark.parametrize(
    ("text", "quota"), [("0", Quota(0)), (" 20 ", Quota(20)), ("100/h", Quota(100, hourly=True))]
)
def test_changes_are_limited_in_one_run_or_in_an_hour(text: str, quota: Quota) -> None:
    assert read(API_KEY=KEY, MAX_WRITES=text).max_writes == quota
    assert str(quota) == text.strip()


@pytest.mark.parametrize("text", ["-1", "many", "1.5", "100/d", "100/", "/h"])
def test_another_limit_of_changes_is_refused(text: str) -> None:
    assert refusal(API_KEY=KEY, MAX_DELETES=text) == (
        "FAKTOORA_MAX_DELETES: expected a whole number, or one in an hour such as 100/h."
    )


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_an_empty_variable_counts_as_unset(blank: str) -> None:
    unset = dict.fromkeys(ALL, blank) | {"FAKTOORA_API_KEY": KEY}
    assert Settings.from_env(unset) == read(API_KEY=KEY)


@pytest.mark.parametrize("placeholder", ["${user_config.api_key}", " ${user_config.base_url}\n"])
def test_a_placeholder_that_a_host_did_not_fill_counts_as_unset(placeholder: str) -> None:
    unset = dict.fromkeys(ALL, placeholder) | {"FAKTOORA_API_KEY": KEY}
    assert Settings.from_env(unset) == read(API_KEY=KEY)


def test_a_placeholder_is_no_key() -> None:
    assert refusal(API_KEY="${user_config.api_key}") == refusal()


@pytest.mark.parametrize(
    "name", ["${user_config.a} & Co.", "Muster ${user_config.a}", "${user_config}", "$HOME"]
)
def test_a_value_that_only_resembles_a_placeholder_is_kept(name: str) -> None:
    assert read(API_KEY=KEY, ACCOUNT=name).account == name


def test_other_variables_are_left_alone() -> None:
    assert Settings.from_env({"API_KEY": "other", "PATH": "/bin", "FAKTOORA_API_KEY": KEY}) == read(
        API_KEY=KEY
    )


def test_without_key_and_sandbox_one_sentence_says_what_to_do() -> None:
    assert refusal() == (
        "No API key: set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE), or try it without one by --sandbox."
    )


def test_the_sandbox_needs_no_key_and_opens_no_key_file() -> None:
    assert read(SANDBOX="1", API_KEY_FILE="/nowhere").api_key is None


def test_the_key_is_read_from_its_file_without_blanks_around(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\n  {KEY}\r\n\n", encoding="utf-8")
    assert read(API_KEY_FILE=str(file)).api_key == SecretStr(KEY)


def test_a_key_takes_precedence_over_a_key_file() -> None:
    assert read(API_KEY=KEY, API_KEY_FILE="/nowhere").api_key == SecretStr(KEY)


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"two words", b"two\nlines", "schlüssel".encode(), b"\xff\xfek\x00", b"a\x00b"]
)
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    assert refusal(API_KEY_FILE=str(file)) == f"FAKTOORA_API_KEY_FILE: no API key can be read from {file}."


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere"
    assert refusal(API_KEY_FILE=str(file)) == f"FAKTOORA_API_KEY_FILE: no API key can be read from {file}."


def test_a_key_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    assert (
        refusal(API_KEY_FILE=str(tmp_path))
        == f"FAKTOORA_API_KEY_FILE: no API key can be read from {tmp_path}."
    )


@pytest.mark.parametrize(
    "key",
    [
        "secret key",
        "secret\tkey",
        "secret\nkey",
        "secret\r\nX-Other: 1",
        "sécret",
        "secret\x7f",
        "\u2018secret\u2019",
    ],
)
def test_a_key_with_characters_that_no_key_has_is_refused_without_showing_it(key: str) -> None:
    assert refusal(API_KEY=key) == (
        "FAKTOORA_API_KEY: is empty, or holds blanks or characters that no API key has."
    )


@pytest.mark.parametrize("text", ["two words", "a\r\nX-Other: 1", "ä", "a\u200bb", "a" * 201])
def test_an_account_id_that_no_header_can_carry_is_refused(text: str) -> None:
    assert refusal(API_KEY=KEY, ACCOUNT_ID=text) == (
        "FAKTOORA_ACCOUNT_ID: an id without blanks and special letters is needed."
    )


def test_the_sandbox_speaks_the_dialects_that_the_setting_offers() -> None:
    assert get_args(Settings.model_fields["dialect"].annotation) == get_args(Dialect)
    assert "'documented', 'current'" in refusal(SANDBOX="1", DIALECT="old")


def test_an_empty_key_is_none() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"api_key": " "})


def test_blanks_around_a_key_are_left_out() -> None:
    assert read(API_KEY=f" {KEY}\n").api_key == SecretStr(KEY)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.faktoora.com/api/v1",
        "https://test.example:8443",
        "HTTPS://EXAMPLE.TEST/x",
        "http://127.0.0.1:8377/api/v1",
        "http://127.8.9.10/",
        "http://[::1]:8377/api/v1",
        "http://localhost/api/v1",
        "http://LOCALHOST:8377",
    ],
)
def test_an_https_address_or_one_of_this_machine_is_taken_without_its_trailing_slash(url: str) -> None:
    assert read(API_KEY=KEY, BASE_URL=url).base_url == url.rstrip("/")


def test_every_trailing_slash_of_the_address_is_removed() -> None:
    assert read(API_KEY=KEY, BASE_URL="https://a.test/api/v1//").base_url == "https://a.test/api/v1"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.faktoora.com/api/v1",
        "http://10.0.0.1/",
        "http://localhost.evil.test/",
        "http://127.0.0.1.evil.test/",
        "http://0.0.0.0/",
        "ftp://api.faktoora.com",
        "api.faktoora.com",
        "//api.faktoora.com",
        "https://",
        "https:///api/v1",
        "https://api.faktoora.com:secret/",
        "https://api.faktoora.com:99999/",
        "https://api.faktoora.com:0/",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    assert refusal(API_KEY=KEY, BASE_URL=url) == (
        "FAKTOORA_BASE_URL: an https:// address is needed (http:// only for this machine)."
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://secret@api.faktoora.com/",
        "https://user:secret@api.faktoora.com/",
        "https://:secret@api.faktoora.com/",
        "https://api.faktoora.com/?key=secret",
        "https://api.faktoora.com/?",
        "https://api.faktoora.com/#secret",
        "https://api.faktoora.com/#",
        "https://api.faktoora.com/api v1",
        "https://api.fak\ntoora.com/",
        "https://api.faktoora.com/\x00",
    ],
)
def test_an_address_with_user_query_or_fragment_is_refused_without_showing_it(url: str) -> None:
    assert refusal(API_KEY=KEY, BASE_URL=url) == (
        "FAKTOORA_BASE_URL: an address without user name, query, fragment and blanks is needed."
    )


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "on"])
def test_a_switch_is_on(text: str) -> None:
    assert read(API_KEY=KEY, READ_ONLY=text).read_only


@pytest.mark.parametrize("text", ["false", "FALSE", "0", "no", "off"])
def test_a_switch_is_off(text: str) -> None:
    assert not read(API_KEY=KEY, READ_ONLY=text).read_only


@pytest.mark.parametrize(("text", "sandbox"), [("sandbox", True), ("live", False), ("mode: Live ", False)])
def test_the_sandbox_is_switched_by_the_words_of_the_bundles_mode(text: str, *, sandbox: bool) -> None:
    assert read(API_KEY=KEY, SANDBOX=text).sandbox is sandbox


@pytest.mark.parametrize("text", ["Test", "mode:", "mode:${user_config.mode}"])
def test_another_mode_or_none_is_refused_with_the_two_that_there_are(text: str) -> None:
    told = "FAKTOORA_SANDBOX: expected sandbox or live, true or false."
    assert refusal(API_KEY=KEY, SANDBOX=text) == told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SANDBOX", "maybe-secret"),
        ("READ_ONLY", "secret"),
        ("LOG_LEVEL", "secret"),
        ("TIMEOUT_S", "secret"),
        ("TIMEOUT_S", "0"),
        ("TIMEOUT_S", "301"),
        ("TIMEOUT_S", "nan"),
        ("TIMEOUT_S", "inf"),
        ("MAX_CONNECTIONS", "0"),
        ("MAX_CONNECTIONS", "257"),
        ("MAX_CONNECTIONS", "2.5"),
        ("BASE_URL", "https://[secret"),
    ],
)
def test_an_unusable_value_is_refused_by_its_variable_without_showing_it(name: str, text: str) -> None:
    sentence = refusal(API_KEY=KEY, **{name: text})
    assert sentence.startswith(f"FAKTOORA_{name}: ")
    assert sentence.endswith(".")
    assert "secret" not in sentence


def test_settings_never_show_the_key() -> None:
    settings = read(API_KEY=KEY)
    assert KEY not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_refused_key_is_not_in_the_validation_error() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"api_key": f"{KEY} x"})
    assert KEY not in f"{refused.value!r} {refused.value}"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        read(API_KEY=KEY).timeout_s = 1.0


@pytest.mark.parametrize("key", ["k", "any", "secret7"])
def test_a_key_shorter_than_any_is_refused_without_showing_it(key: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(key)
    sentence = "no API key is shorter than 8 characters."
    assert refusal(API_KEY=key) == f"FAKTOORA_API_KEY: {sentence}"
    assert refusal(API_KEY_FILE=str(file)) == f"FAKTOORA_API_KEY_FILE: {sentence}"


def test_the_sandbox_minds_no_key_that_is_too_short() -> None:
    assert read(API_KEY="any", SANDBOX="true").sandbox


def test_a_key_of_eight_characters_is_enough() -> None:
    assert read(API_KEY="secret78").key == "secret78"
