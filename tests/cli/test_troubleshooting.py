"""The likely faults, each provoked: `doctor` finds it, and docs/troubleshooting.md has its remedy."""

import json
import re
import ssl
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from faktoora_mcp.cli.doctor import Examination, examine
from faktoora_mcp.cli.hosts.configuration import HOSTS, config_path
from faktoora_mcp.cli.probes.findings import ENTRIES
from faktoora_mcp.sandbox.forms import CURRENT
from tests.api.test_request import PROXIES, sending, served
from tests.cli.test_doctor import PAGE, attach, entry, examined, machine, sandbox_over_tcp
from tests.documents import ROOT, table, with_block, written
from tests.processes import DEADLINE_S

DOCUMENT = ROOT / "docs" / "troubleshooting.md"
Provoke = Callable[[Path, pytest.MonkeyPatch], Awaitable[Examination]]
OURS = ["faktoora-mcp", "serve"]


async def wrong_key(home: Path, _: pytest.MonkeyPatch) -> Examination:
    async with sandbox_over_tcp(key="another-key") as url:
        return await examined(home, BASE_URL=url)


async def expired_key(home: Path, _: pytest.MonkeyPatch) -> Examination:
    async with sandbox_over_tcp(forms=replace(CURRENT, key_days_left=-1)) as url:
        return await examined(home, BASE_URL=url)


async def no_network(home: Path, _: pytest.MonkeyPatch) -> Examination:
    return await examined(home, BASE_URL="https://api.nowhere.invalid/api/v1")


async def firewall(home: Path, _: pytest.MonkeyPatch) -> Examination:
    return await examined(home)


async def proxy_away(home: Path, patch: pytest.MonkeyPatch) -> Examination:
    patch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    return await examined(home, BASE_URL="http://127.0.0.1:7/api/v1")


async def inspected(home: Path, _: pytest.MonkeyPatch) -> Examination:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)  # pyright: ignore[reportUnknownMemberType] (it also takes pyOpenSSL's context, which is not installed)
    async with served(sending(), tls) as server:
        return await examined(home, BASE_URL=f"https://127.0.0.1:{server.port}/api/v1")


async def wrong_clock(home: Path, _: pytest.MonkeyPatch) -> Examination:
    head = f"HTTP/1.1 200 OK\r\nDate: Mon, 02 Feb 2015 10:00:00 GMT\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    async with served(sending(head.encode() + PAGE)) as server:
        return await examined(home, BASE_URL=f"http://127.0.0.1:{server.port}/api/v1")


async def no_key_at_all(home: Path, _: pytest.MonkeyPatch) -> Examination:
    return await examined(home, API_KEY="")


def in_cursor(config: object, mode: int = 0o600) -> Provoke:
    """Cursor has this configuration; its settings are those of the sandbox."""

    async def provoke(home: Path, _: pytest.MonkeyPatch) -> Examination:
        attach(home, "cursor", config if isinstance(config, str) else json.dumps(config))
        config_path(HOSTS["cursor"], machine(home)).chmod(mode)
        environ = {"FAKTOORA_SANDBOX": "1", "FAKTOORA_LANGUAGE": "en"}
        script = home / "faktoora-mcp"
        script.touch(mode=0o755)
        return await examine(environ, machine(home, PATH=str(home)))

    return provoke


def servers(**entries: object) -> dict[str, object]:
    return {"mcpServers": entries}


STARTED = {"command": "/bin/sh", "args": OURS, "env": {"FAKTOORA_SANDBOX": "1"}}
FAULTS: dict[str, tuple[str, Provoke]] = {
    "unauthorized": ("The key is wrong", wrong_key),
    "key_expired": ("The key has expired", expired_key),
    "no_key": ("There is no key", no_key_at_all),
    "no_such_host": ("No network, or a wrong address", no_network),
    "not_connected": ("A firewall", firewall),
    "no_proxy": ("A proxy", proxy_away),
    "untrusted": ("An inspected connection", inspected),
    "clock_ahead": ("The clock is wrong", wrong_clock),
    "not_attached": ("The host does not know the server", in_cursor(servers())),
    "program_gone": ("The checkout was moved or removed", in_cursor(entry("/gone/faktoora-mcp"))),
    "program_of_shell": (
        "A command without its path",
        in_cursor(entry("faktoora-mcp")),
    ),
    "entry_without_key": (
        "The key is in the shell only",
        in_cursor(servers(faktoora={"command": "/bin/sh", "args": OURS})),
    ),
    "twice": ("Two entries for one account", in_cursor(servers(a=STARTED, b=STARTED))),
    "bad_arguments": (
        "A misspelt option",
        in_cursor(servers(faktoora=STARTED | {"args": [*OURS, "--sandbx"]})),
    ),
    "bad_configuration": ("The configuration is no JSON", in_cursor('{"mcpServers": {},}')),
    "protected_configuration": ("The configuration is write-protected", in_cursor(servers(), 0o444)),
}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] (a fixture)
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.anyio
@pytest.mark.parametrize("code", FAULTS)
async def test_a_fault_is_found_with_its_remedy(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await FAULTS[code][1](tmp_path, monkeypatch)
    told = {one.code: one.text(found.language) for one in found.findings}
    assert code in told
    assert told[code].advice != ""


def test_the_document_has_the_words_and_remedies_of_doctor() -> None:
    texts = ((fault, ENTRIES[code].en) for code, (fault, _) in FAULTS.items())
    rows = ((fault, *map(shown, text)) for fault, text in texts)
    block = table(("Fault", "`faktoora-mcp doctor` says", "What to do"), rows)
    now = with_block(DOCUMENT, "faults", block)
    assert block in now
    assert written(DOCUMENT, now) == now


def shown(text: str) -> str:
    """A text of a finding, with a name in capitals in the place of every fact."""
    facts = {"install": "faktoora-mcp install HOST", "host": "HOST", "name": "HOST", "path": "FILE"}
    return re.sub(r"\{(\w+)\}", lambda fact: facts.get(fact[1], fact[1].upper()), text)


def test_an_old_python_is_told_by_pip_and_in_the_document(tmp_path: Path) -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    wheel = tmp_path / "faktoora_mcp-0.1.0-py3-none-any.whl"
    info = {
        "METADATA": f"Metadata-Version: 2.1\nName: faktoora-mcp\nVersion: 0.1.0\nRequires-Python: {needed}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in info.items():
            archive.writestr(f"faktoora_mcp-0.1.0.dist-info/{name}", text)
    old = ("--python-version", "3.10", "--only-binary", ":all:", "--target", str(tmp_path / "t"))
    pip = (sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-index")
    command = [*pip, *old, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * DEADLINE_S, check=False)
    assert "requires a different Python" in done.stderr
    assert "`requires a different Python`" in DOCUMENT.read_text("utf-8")
