"""Every problem is reported with what to do, in both languages, without a key and without a customer."""

import json
import os
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from string import Formatter

import anyio
import pytest
import trustme
import uvicorn
from anyio.abc import ByteStream, SocketAttribute
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from faktoora_mcp.cli.doctor import Examination, doctor, examine, report
from faktoora_mcp.cli.hosts.configuration import HOSTS, Machine, config_path
from faktoora_mcp.cli.probes.connection import Response, findings_of
from faktoora_mcp.cli.probes.findings import ENTRIES, Entry, Finding
from faktoora_mcp.language import Language
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.settings import Settings
from tests.api.test_request import PROXIES, Serve, leaving, sending, served
from tests.scripted import KEY, RECORD, settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9/api/v1"
PAGE = json.dumps({"data": [RECORD], "meta": {"totalItems": 1}}).encode()
WEB_PAGE = b"<!doctype html><title>Sign in</title>"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] (a fixture)
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        monkeypatch.delenv(name, raising=False)


def machine(home: Path, **environ: str) -> Machine:
    return Machine("linux", home, environ)


def attach(home: Path, host: str, text: str) -> None:
    path = config_path(HOSTS[host], machine(home))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def entry(command: str, **env: str) -> str:
    return json.dumps({"mcpServers": {"faktoora": {"command": command, "args": ["serve"], "env": env}}})


def codes(examination: Examination) -> list[str]:
    return [finding.code for finding in examination.findings]


async def examined(home: Path, **environ: str) -> Examination:
    given = {"API_KEY": KEY, "BASE_URL": NOBODY, "TIMEOUT_S": "3", "LANGUAGE": "en"} | environ
    return await examine({f"FAKTOORA_{name}": text for name, text in given.items() if text}, machine(home))


async def codes_about(
    home: Path, serve: Serve, tls: ssl.SSLContext | None = None, **environ: str
) -> list[str]:
    """The findings about a server, without those about settings and hosts."""
    scheme = "https" if tls else "http"
    async with served(serve, tls) as server:
        given = {"BASE_URL": f"{scheme}://127.0.0.1:{server.port}/api/v1"} | environ
        found = await examined(home, **given)
    return [one.code for one in found.findings if one.entry.check in ("network", "api", "clock")]


@asynccontextmanager
async def sandbox_over_tcp(key: str = KEY, forms: Forms = DOCUMENTED) -> AsyncGenerator[str]:
    """The address of a real sandbox."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(key=key, forms=forms)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(server.serve, sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        server.should_exit = True


class TestSandbox:
    pytestmark = pytest.mark.anyio

    async def test_a_sandbox_over_tcp_is_all_green(self, tmp_path: Path) -> None:
        attach(tmp_path, "claude-desktop", entry("/bin/sh"))
        async with sandbox_over_tcp() as url:
            found = await examined(tmp_path, BASE_URL=url)
        assert codes(found) == ["settings", "key", "reached", "read", "clock", "attached"]
        assert ({one.state for one in found.findings}, found.exit_code) == ({"ok"}, 0)

    async def test_a_wrong_key_is_reported(self, tmp_path: Path) -> None:
        async with sandbox_over_tcp(key="another-key") as url:
            found = await examined(tmp_path, BASE_URL=url)
        assert (codes(found)[2:4], found.exit_code) == (["reached", "unauthorized"], 1)

    async def test_the_embedded_sandbox_needs_no_key(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, API_KEY="", SANDBOX="true")
        assert (codes(found), found.exit_code) == (["settings", "sandbox", "no_hosts"], 0)

    async def test_no_customer_is_shown(self, tmp_path: Path) -> None:
        async with served(sending(answer(PAGE))) as server:
            url = f"http://127.0.0.1:{server.port}/api/v1"
            found = await examined(tmp_path, BASE_URL=url)
        shown = report(found) + json.dumps(found.as_object())
        known = [
            RECORD[name] for name in ("id", "customerId", "name", "address", "postcode", "city", "email")
        ]
        assert [value for value in known if str(value) in shown] == []

    async def test_two_reads_are_made_with_key_and_account(self, tmp_path: Path) -> None:
        async with served(sending(answer(PAGE))) as server:
            url = f"http://127.0.0.1:{server.port}/api/v1"
            found = await examined(tmp_path, BASE_URL=url, ACCOUNT_ID="acc-4711")
        assert server.lines == [
            "GET /api/v1/customers?page=1&perPage=1 HTTP/1.1",
            "GET /api/v1/apikeys HTTP/1.1",
        ]
        for request in server.requests:
            assert f"X-API-KEY: {KEY}\r\n".encode() in request
            assert b"x-account-id: acc-4711\r\n" in request
        assert "FAKTOORA_ACCOUNT_ID=acc-4711" in report(found)


def keys(*rows: object) -> bytes:
    return json.dumps({"data": rows, "meta": {"totalItems": len(rows)}}).encode()


class TestKey:
    pytestmark = pytest.mark.anyio

    async def codes_with(self, home: Path, apikeys: bytes) -> list[str]:
        """The findings about the key at an API that lists these keys."""

        async def serve(stream: ByteStream, request: bytes) -> None:
            await stream.send(apikeys if b"/apikeys" in request else answer(PAGE))

        async with served(serve) as server:
            found = await examined(home, BASE_URL=f"http://127.0.0.1:{server.port}/api/v1")
        return [one.code for one in found.findings if one.code.startswith("key_")]

    @pytest.mark.parametrize(
        ("days_left", "code", "exit_code"),
        [(90, "key_lasts", 0), (7, "key_expires", 1), (1, "key_expires", 1), (-1, "key_expired", 1)],
    )
    async def test_the_expiry_of_the_key_is_reported(
        self, tmp_path: Path, days_left: int, code: str, exit_code: int
    ) -> None:
        attach(tmp_path, "claude-desktop", entry("/bin/sh"))
        async with sandbox_over_tcp(forms=replace(CURRENT, key_days_left=days_left)) as url:
            found = await examined(tmp_path, BASE_URL=url)
        expected = ["settings", "key", "reached", "read", "clock", code, "attached"]
        assert (codes(found), found.exit_code) == (expected, exit_code)

    async def test_nothing_of_other_keys_is_shown(self, tmp_path: Path) -> None:
        async with sandbox_over_tcp(forms=CURRENT) as url:
            found = await examined(tmp_path, BASE_URL=url)
        shown = report(found) + json.dumps(found.as_object())
        assert [text for text in ("Altes ERP", "Testzugang", "fk_", "Buchhaltung") if text in shown] == []

    async def test_a_key_that_expires_soon_needs_no_date(self, tmp_path: Path) -> None:
        listed = answer(keys({"name": "ERP", "status": "expiring_soon"}))
        assert await self.codes_with(tmp_path, listed) == ["key_expires_soon"]

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [{"status": "active"}],
            [{"status": "expiring_soon"}, {"status": "active"}],
            [{"status": "expiring_soon", "prefix": "another"}],
            [{"status": "revoked"}],
        ],
    )
    async def test_nothing_is_said_of_a_key_that_may_be_another(
        self, tmp_path: Path, rows: list[object]
    ) -> None:
        assert await self.codes_with(tmp_path, answer(keys(*rows))) == []

    @pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "405 Method Not Allowed"])
    async def test_an_api_that_does_not_list_keys_is_no_problem(self, tmp_path: Path, status: str) -> None:
        refusal = f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        assert await self.codes_with(tmp_path, refusal) == []

    async def test_a_list_of_no_known_form_is_no_problem(self, tmp_path: Path) -> None:
        assert await self.codes_with(tmp_path, answer(b'{"keys": []}')) == []


def answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class TestNetwork:
    pytestmark = pytest.mark.anyio

    async def test_a_name_without_an_address_is_reported(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, BASE_URL="https://api.nowhere.invalid/api/v1")
        assert (codes(found)[2], found.exit_code) == ("no_such_host", 1)

    async def test_a_closed_port_is_reported(self, tmp_path: Path) -> None:
        found = await examined(tmp_path)
        assert list(found.texts())[2] == (
            "todo",
            "127.0.0.1 accepts no connection on port 9.",
            "Check FAKTOORA_BASE_URL and the firewall; if you need a proxy, set HTTPS_PROXY.",
        )

    async def test_an_untrusted_certificate_is_reported_before_the_key_is_sent(self, tmp_path: Path) -> None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)  # pyright: ignore[reportUnknownMemberType] (it also takes pyOpenSSL's context, which is not installed)
        async with served(sending(), tls) as server:
            found = await examined(tmp_path, BASE_URL=f"https://127.0.0.1:{server.port}/api/v1")
        assert (codes(found)[2], server.requests) == ("untrusted", [])
        assert "certificate" in str(found.findings[2].facts["reason"])

    async def test_a_server_without_tls_is_reported(self, tmp_path: Path) -> None:
        async with speaking_no_tls() as port:
            found = await examined(tmp_path, BASE_URL=f"https://127.0.0.1:{port}/api/v1")
        assert codes(found)[2] == "no_tls"

    async def test_a_server_that_does_not_answer_is_reported(self, tmp_path: Path) -> None:
        assert await codes_about(tmp_path, sending(), TIMEOUT_S="0.3") == ["no_answer"]

    async def test_an_incomplete_response_is_reported(self, tmp_path: Path) -> None:
        assert await codes_about(tmp_path, leaving(answer(PAGE)[:-5])) == ["broken"]

    async def test_a_response_that_is_not_http_is_reported(self, tmp_path: Path) -> None:
        assert await codes_about(tmp_path, leaving(b"220 mail.example.test ESMTP\r\n")) == ["broken"]

    @pytest.mark.parametrize("host", ["xn--a", "a..b", "x" * 300, "[::1%25x]"])
    async def test_no_address_however_odd_stops_the_examination(self, tmp_path: Path, host: str) -> None:
        found = await examined(tmp_path, BASE_URL=f"https://{host}:9/api/v1")
        assert (found.exit_code > 0, codes(found)[-1]) == (True, "no_hosts")

    async def test_a_proxy_is_named_without_its_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://anna:hush-hush@127.0.0.1:9")
        found = await examined(tmp_path, BASE_URL="http://127.0.0.1:7/api/v1")
        assert codes(found)[2:4] == ["proxy", "no_proxy"]
        assert ("127.0.0.1:9" in report(found), "hush" in report(found)) == (True, False)

    async def test_a_proxy_that_refuses_is_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with served(leaving(b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            found = await examined(tmp_path, BASE_URL="https://api.example.test/api/v1")
        assert codes(found)[2:4] == ["proxy", "no_proxy"]
        assert KEY.encode() not in proxy.requests[0]

    @pytest.mark.parametrize(
        ("variable", "text"), [("HTTP_PROXY", "gopher://127.0.0.1:9"), ("SSL_CERT_FILE", "/gone/ca.pem")]
    )
    async def test_an_unusable_proxy_or_certificate_file_is_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, text: str
    ) -> None:
        monkeypatch.setenv(variable, text)
        found = await examined(tmp_path)
        assert (codes(found)[2:3], found.exit_code) == (["bad_surroundings"], 2)


@asynccontextmanager
async def speaking_no_tls() -> AsyncGenerator[int]:
    """The port of a server that answers a greeting of TLS in plain text."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, _speak_plainly)
        yield listener.extra(SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


async def _speak_plainly(stream: ByteStream) -> None:
    async with stream:
        await stream.receive()
        await stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def response(
    status: int = 200, body: bytes = PAGE, content_type: str = "application/json", **given: object
) -> Response:
    facts: dict[str, object] = {"date": format_datetime(NOW, usegmt=True), "took_s": 0.1} | given
    return Response(status, body, content_type, **facts)  # pyright: ignore[reportArgumentType] (a test's shorthand)


def codes_of(received: Response, given: Settings | None = None) -> list[str]:
    return [finding.code for finding in findings_of(received, given or settings(), NOW)]


class TestAnswer:
    @pytest.mark.parametrize(
        ("status", "body", "code"),
        [
            (200, PAGE, "read"),
            (200, b"[]", "read"),
            (200, b'{"results": [], "pagination": {}}', "read"),
            (200, b'{"customers": []}', "unknown_form"),
            (200, b'{"data": [{}]}', "unknown_form"),
            (200, b"", "unknown_form"),
            (200, b"[" * 100_000, "unknown_form"),
            (200, WEB_PAGE, "web_page"),
            (403, WEB_PAGE, "web_page"),
            (302, b"", "redirect"),
            (400, b"{}", "refused"),
            (401, b"{}", "unauthorized"),
            (403, b"{}", "forbidden"),
            (404, WEB_PAGE, "wrong_path"),
            (407, b"", "no_proxy"),
            (429, b"", "too_many"),
            (500, b"{}", "failing"),
            (502, WEB_PAGE, "failing"),
        ],
    )
    def test_a_response_has_one_meaning(self, status: int, body: bytes, code: str) -> None:
        assert codes_of(response(status, body)) == ["reached", code, "clock"]

    def test_html_is_recognised_by_its_type(self) -> None:
        assert codes_of(response(body=b"Welcome", content_type="Text/HTML; charset=utf-8"))[1] == "web_page"

    def test_without_a_key_nothing_is_said_of_customers(self) -> None:
        assert codes_of(response(401), Settings()) == ["reached", "clock"]

    def test_a_slow_response_is_reported(self) -> None:
        assert codes_of(response(took_s=7.4)) == ["slow", "read", "clock"]

    @pytest.mark.parametrize(
        ("ahead", "code", "minutes"),
        [(timedelta(hours=1), "clock_ahead", 60), (timedelta(hours=-1), "clock_behind", 60)],
    )
    def test_a_clock_that_is_an_hour_off_is_reported(self, ahead: timedelta, code: str, minutes: int) -> None:
        last = findings_of(response(), settings(), NOW + ahead)[-1]
        assert last == Finding(code, {"minutes": minutes})

    @pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Foo 99999 99:99:99 GMT"])
    def test_without_a_usable_date_nothing_is_said_about_the_clock(self, date: str | None) -> None:
        assert codes_of(response(date=date)) == ["reached", "read"]


class TestSettings:
    pytestmark = pytest.mark.anyio

    @pytest.mark.parametrize(
        ("variable", "text", "code"),
        [
            ("TIMEOUT_S", "soon", "bad_setting"),
            ("HIDE_FIELDS", "emial", "bad_setting"),
            ("TOOLS", "list_custmers", "bad_setting"),
            ("API_KEY", "two words", "bad_setting"),
            ("API_KEY", "", "no_key"),
        ],
    )
    async def test_an_unusable_setting_is_reported_and_the_other_checks_go_on(
        self, tmp_path: Path, variable: str, text: str, code: str
    ) -> None:
        found = await examined(tmp_path, **{variable: text})
        assert (found.findings[1].code, found.exit_code) == (code, 2)
        assert "not_connected" in codes(found)

    @pytest.mark.parametrize("text", ["true", "false", "0"])
    async def test_a_switch_may_be_off(self, tmp_path: Path, text: str) -> None:
        found = await examined(tmp_path, SANDBOX=text, READ_ONLY=text)
        assert "bad_setting" not in codes(found)

    async def test_every_wrong_variable_is_named(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, TIMEOUT_S="soon", SCAN_S="-1", LOG_LEVEL="loud")
        named = [one.facts["variable"] for one in found.findings if one.code == "bad_setting"]
        assert named == ["FAKTOORA_LOG_LEVEL", "FAKTOORA_SCAN_S", "FAKTOORA_TIMEOUT_S"]

    async def test_a_misspelt_variable_is_reported_with_the_nearest_one(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, APIKEY="x")
        assert found.findings[1] == Finding(
            "unknown_setting", {"variable": "FAKTOORA_APIKEY", "near": "FAKTOORA_API_KEY"}
        )

    async def test_nothing_is_sent_if_the_address_cannot_be_used(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, BASE_URL="http://api.example.test")
        assert codes(found) == ["settings", "bad_setting", "key", "no_hosts"]

    async def test_a_missing_key_file_is_reported_without_its_name(self, tmp_path: Path) -> None:
        found = await examined(tmp_path, API_KEY="", API_KEY_FILE="my-real-key")
        assert (codes(found)[1], "my-real-key" in report(found)) == ("bad_key_file", False)

    async def test_a_sandbox_file_that_cannot_be_used_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("no database" * 100)
        found = await examined(tmp_path, SANDBOX="1", DB=str(tmp_path / "notes.txt"))
        assert (codes(found)[1], found.exit_code) == ("bad_sandbox", 2)


class TestHosts:
    pytestmark = pytest.mark.anyio

    @pytest.mark.parametrize("host", HOSTS)
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (entry("/bin/sh"), "attached"),
            (entry("/gone/faktoora-mcp"), "program_gone"),
            ('{"mcpServers": {"faktoora": {"url": "https://x.example/mcp"}}}', "attached_remotely"),
            ("{", "bad_configuration"),
            ('{"mcpServers": {"faktoora": 7}, "servers": {"faktoora": 7}}', "bad_configuration"),
            ("{}", "not_attached"),
        ],
    )
    async def test_the_state_of_a_host_is_reported(
        self, tmp_path: Path, host: str, text: str, code: str
    ) -> None:
        attach(tmp_path, host, text.replace("mcpServers", HOSTS[host].section))
        found = await examined(tmp_path)
        assert codes(found)[3:] == [code]

    async def test_without_a_key_in_the_environment_the_key_of_a_host_is_tried(self, tmp_path: Path) -> None:
        env = {"FAKTOORA_API_KEY": KEY, "FAKTOORA_BASE_URL": NOBODY}
        attach(tmp_path, "cursor", entry("/bin/sh", **env))
        found = await examine({}, machine(tmp_path))
        assert codes(found) == ["settings_of_host", "settings", "key", "not_connected", "attached"]

    async def test_the_shell_and_every_host_are_examined_apart(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", entry("/bin/sh", FAKTOORA_API_KEY="another-key-0815"))
        async with sandbox_over_tcp() as url:
            found = await examined(tmp_path, BASE_URL=url, HIDE_FIELDS="note")
        assert codes(found)[:5] == ["settings", "key", "reached", "read", "clock"]
        assert codes(found)[5:8] == ["settings_of_host", "settings", "key"]
        assert "note" in str(found.findings[0].facts)
        assert "FAKTOORA_BASE_URL=https://api.faktoora.com/api/v1" in str(found.findings[6].facts)

    async def test_equal_settings_of_several_hosts_are_examined_once(self, tmp_path: Path) -> None:
        for host in ("cursor", "claude-code"):
            attach(tmp_path, host, entry("/bin/sh", FAKTOORA_SANDBOX="true"))
        found = await examine({"FAKTOORA_LANGUAGE": "en"}, machine(tmp_path))
        assert codes(found) == ["settings_of_host", "settings", "sandbox", "attached", "attached"]
        assert found.findings[0].facts == {"host": "Claude Code (faktoora), Cursor (faktoora)"}

    async def test_options_in_args_are_settings(self, tmp_path: Path) -> None:
        args = ["serve", "--sandbox", "--read-only"]
        servers = {"kunden": {"command": "/opt/faktoora-mcp", "args": args}}
        attach(tmp_path, "cursor", json.dumps({"mcpServers": servers}))
        found = await examine({"FAKTOORA_LANGUAGE": "en"}, machine(tmp_path))
        assert codes(found) == ["settings_of_host", "settings", "sandbox", "program_gone"]
        assert found.findings[1].facts == {"set": "FAKTOORA_SANDBOX=True, FAKTOORA_READ_ONLY=True"}
        assert "install cursor --name kunden" in report(found)

    async def test_options_that_the_server_refuses_are_reported(self, tmp_path: Path) -> None:
        servers = {"faktoora": {"command": "/bin/sh", "args": ["faktoora-mcp", "--sandbx"]}}
        attach(tmp_path, "cursor", json.dumps({"mcpServers": servers}))
        assert codes(await examined(tmp_path))[3:] == ["attached", "bad_arguments"]

    async def test_an_entry_without_a_key_is_reported_though_the_shell_has_one(self, tmp_path: Path) -> None:
        servers = {"faktoora": {"command": "/bin/sh", "args": ["faktoora-mcp", "serve"]}}
        attach(tmp_path, "cursor", json.dumps({"mcpServers": servers}))
        assert codes(await examined(tmp_path))[3:] == ["attached", "entry_without_key"]

    async def test_two_entries_for_one_account_are_reported(self, tmp_path: Path) -> None:
        one = {"command": "/bin/sh", "args": ["faktoora-mcp"], "env": {"FAKTOORA_SANDBOX": "1"}}
        attach(tmp_path, "cursor", json.dumps({"mcpServers": {"faktoora": one, "kunden": one}}))
        found = await examine({"FAKTOORA_LANGUAGE": "en"}, machine(tmp_path))
        assert codes(found)[3:] == ["attached", "attached", "twice"]
        assert "install cursor --uninstall --name kunden" in report(found)

    async def test_a_write_protected_configuration_is_reported(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", "{}")
        config_path(HOSTS["cursor"], machine(tmp_path)).chmod(0o444)
        assert codes(await examined(tmp_path))[3:] == ["not_attached", "protected_configuration"]

    async def test_a_proxy_that_only_the_shell_has_is_told(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", entry("/bin/sh"))
        attach(tmp_path, "claude-code", entry("/bin/sh"))
        environ = {"FAKTOORA_SANDBOX": "1", "FAKTOORA_LANGUAGE": "en", "HTTPS_PROXY": "http://p.example:3128"}
        found = await examine(environ, machine(tmp_path))
        assert codes(found)[2:] == ["attached", "attached", "proxy_of_shell"]
        assert "p.example" not in report(found)

    async def test_the_proxy_of_an_entry_is_used_for_its_settings(self, tmp_path: Path) -> None:
        env = {"FAKTOORA_API_KEY": KEY, "FAKTOORA_BASE_URL": NOBODY, "HTTP_PROXY": "http://127.0.0.1:7"}
        attach(tmp_path, "cursor", entry("/bin/sh", **env))
        found = await examine({"FAKTOORA_LANGUAGE": "en"}, machine(tmp_path))
        assert codes(found)[:5] == ["settings_of_host", "settings", "key", "proxy", "no_proxy"]
        assert "HTTP_PROXY" not in os.environ

    async def test_the_key_of_any_other_host_is_not_shown_either(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", entry("/gone/another-key-0815", FAKTOORA_API_KEY="another-key-0815"))
        assert "another-key" not in report(await examined(tmp_path))

    async def test_a_key_that_the_host_asks_its_user_for_is_not_known_here(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", entry("/bin/sh", FAKTOORA_API_KEY="${input:faktoora}"))
        found = await examine({"FAKTOORA_BASE_URL": NOBODY}, machine(tmp_path))
        assert codes(found) == ["settings", "no_key", "not_connected", "attached"]

    async def test_the_home_folder_is_shown_without_the_name_of_its_owner(self, tmp_path: Path) -> None:
        attach(tmp_path, "cursor", "{")
        shown = report(await examined(tmp_path))
        assert ("~/.cursor/mcp.json" in shown, str(tmp_path) in shown) == (True, False)


KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=16, max_size=60)
PLACES = st.sampled_from(
    ["ACCOUNT", "ACCOUNT_ID", "API_KEY_FILE", "BASE_URL", "DB", "HIDE_FIELDS", "LOG_LEVEL", "TOOLS"]
)


@given(key=KEYS, place=PLACES, prefix=st.sampled_from(["", "https://127.0.0.1:9/", "x" * 190]))
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_key_is_never_shown_wherever_it_was_pasted(
    tmp_path: Path, key: str, place: str, prefix: str
) -> None:
    attach(tmp_path, "cursor", entry(f"/gone/{key}"))
    given = {"API_KEY": key, place: prefix + key, "TIMEOUT_S": "1"}
    found = anyio.run(partial(examined, tmp_path, **given))
    shown = [*found.texts(), report(found), json.dumps(found.as_object())]
    assert key[:12] not in str(shown)


@pytest.mark.parametrize(
    ("language", "verdict"),
    [("en", "A setting cannot be used."), ("de", "Eine Einstellung ist nicht verwendbar.")],
)
def test_people_read_the_result_in_their_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, language: str, verdict: str
) -> None:
    environ = {"FAKTOORA_LANGUAGE": language, "FAKTOORA_BASE_URL": NOBODY}
    code = doctor(environ, machine(tmp_path), as_json=False, as_report=False)
    assert (code, capsys.readouterr().out.splitlines()[-1]) == (2, verdict)


def test_programs_read_one_json_object(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    environ = {"FAKTOORA_LANGUAGE": "en", "FAKTOORA_SANDBOX": "true", "FAKTOORA_APIKEY": "x"}
    assert doctor(environ, machine(tmp_path), as_json=True, as_report=False) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (sorted(shown), shown["exitCode"]) == (["exitCode", "findings", "version"], 1)
    assert shown["findings"][1] == {
        "check": "settings",
        "state": "todo",
        "code": "unknown_setting",
        "message": "FAKTOORA_APIKEY is not a setting and has no effect.",
        "next": "Remove it, or write FAKTOORA_API_KEY.",
    }


def test_support_reads_versions_and_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    environ = {"FAKTOORA_LANGUAGE": "en", "FAKTOORA_SANDBOX": "true"}
    assert doctor(environ, machine(tmp_path), as_json=False, as_report=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("faktoora-mcp ")
    assert [line.partition(":")[0] for line in lines[5:]] == [
        "[ok] settings",
        "[ok] sandbox",
        "[note] no_hosts",
    ]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_both_languages_mention_the_same_facts(entry: Entry) -> None:
    assert [names(text) for text in entry.en] == [names(text) for text in entry.de]


def names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_problem_has_an_advice(entry: Entry, language: Language) -> None:
    assert getattr(entry, language).advice or entry.state in ("ok", "note")
