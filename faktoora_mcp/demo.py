"""`faktoora-mcp demo`: a bookkeeper's morning, played by an MCP client on the real server with its sandbox.

Every step proves what it did; the end compares what an agent reads with what the API sends.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill
from typing import Any, TypeAlias

import anyio
import click
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

from .settings import PREFIX

Json: TypeAlias = dict[str, Any]
Seen: TypeAlias = Mapping[str, Json]
Say: TypeAlias = Callable[..., None]

SERVER = (sys.executable, "-m", "faktoora_mcp", "serve", "--sandbox", "--log-level", "info")
PATIENCE_S = 30.0
"""All of it takes two seconds; a server that needs longer than this hangs."""
MIN_WIDTH, MAX_WIDTH = 40, 120
ANSWER_LINES = 4
LOGGED = re.compile(r" \d{3}, (\d+) bytes, \d+ ms$", re.MULTILINE)
SAMPLE_FILE = "550e8400-e29b-41d4-a716-446655440000"
MOVED = {"address": "Jungfernstieg 7", "postcode": "20354", "city": "Hamburg"}
ACME: Json = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "vatId": "DE123456789",
    "extras": {},
}


@dataclass(frozen=True, slots=True)
class Step:
    """A wish, the call for it given the answers so far (by tool), the proof that it came true, the news."""

    wish: str
    tool: str
    arguments: Callable[[Seen], Json]
    proof: Callable[[Json, Seen], bool]
    news: Callable[[Json], str]


def _hahn(found: Json) -> Json:
    rows = (dict(zip(found["columns"], row, strict=True)) for row in found["rows"])
    return next(row for row in rows if row["name"].startswith("Immobilien Hahn"))


def _accountant(found: Json) -> Json:
    return next(one for one in found["customer"]["customerContacts"] if one["position"] == "Buchhaltung")


def _numbered_acme(seen: Seen) -> Json:
    return ACME | {"customerId": seen["generate_customer_number"]["number"]}


def _acme_id(seen: Seen) -> str:
    return seen["create_customer"]["customer"]["id"]


STEPS = (
    Step(
        "An invoice to a property company came back. Which ones do we have?",
        "list_customers",
        lambda _: {"keywords": ["immobilien"]},
        lambda answer, _: bool(_hahn(answer)["id"]),
        lambda answer: f"{answer['totalItems']} of them. It was {_hahn(answer)['name']}.",
    ),
    Step(
        "Whom do I call in their accounts department?",
        "get_customer",
        lambda seen: {"id": _hahn(seen["list_customers"])["id"], "relation_fields": ["customerContacts"]},
        lambda answer, _: bool(_accountant(answer)["phoneNo"]),
        lambda answer: "{firstName} {lastName}, {phoneNo}.".format_map(_accountant(answer)),
    ),
    Step(
        "Acme GmbH has ordered for the first time. Which customer number is next?",
        "generate_customer_number",
        lambda _: {},
        lambda answer, _: bool(answer["number"]),
        lambda answer: f"{answer['number']}.",
    ),
    Step(
        "Enter Acme under that number.",
        "create_customer",
        lambda seen: {"customer": _numbered_acme(seen)},
        lambda answer, seen: _numbered_acme(seen).items() <= answer["customer"].items(),
        lambda answer: " ".join(["Entered.", *(f"Check {doubt}." for doubt in answer.get("warnings", []))]),
    ),
    Step(
        "Does the number belong to Acme now?",
        "verify_customer_number",
        lambda seen: {"number": seen["generate_customer_number"]["number"]},
        lambda answer, seen: answer["available"] is False and answer["holder"]["id"] == _acme_id(seen),
        lambda answer: f"Yes: {answer['number']} is taken by {answer['holder']['name']}.",
    ),
    Step(
        "Acme writes that it has moved to Hamburg.",
        "update_customer",
        lambda seen: {"id": _acme_id(seen), "changes": MOVED},
        lambda answer, _: answer["changed"] == {name: [ACME[name], MOVED[name]] for name in MOVED},
        lambda answer: "Changed: " + ", ".join(map(" → ".join, answer["changed"].values())) + ".",
    ),
    Step(
        "The web shop's new customers are uploaded as a CSV file. Take them in.",
        "import_customers",
        lambda _: {"file_id": SAMPLE_FILE},
        lambda answer, _: answer["imported"] == len(answer["rows"]) > 0,
        lambda answer: f"{answer['imported']} are new. Check {', '.join(map(_doubt, answer['doubtful']))}.",
    ),
    Step(
        "Acme has cancelled for good. Delete Acme GmbH.",
        "delete_customer",
        lambda seen: {"id": _acme_id(seen), "confirm": ACME["name"]},
        lambda answer, seen: answer["deleted"]["id"] == _acme_id(seen),
        lambda answer: f"{answer['deleted']['name']} is deleted.",
    ),
)


def _doubt(row: Json) -> str:
    return f"{row['name']} ({'; '.join(row['problems'])})"


@dataclass(frozen=True, slots=True)
class Scene:
    """A step that was played; `read` and `sent` are bytes."""

    step: Step
    arguments: Json
    text: str
    answer: Json
    ok: bool
    sent: int

    @property
    def read(self) -> int:
        return len(self.text.encode())


@dataclass(slots=True)
class Play:
    """What has been played so far, and what went wrong; `definitions` are bytes of the tools as listed."""

    protocol: str | None = None
    tools: list[str] = field(default_factory=list[str])
    definitions: int = 0
    scenes: list[Scene] = field(default_factory=list[Scene])
    failure: str | None = None

    @property
    def read(self) -> int:
        return sum(scene.read for scene in self.scenes)

    @property
    def sent(self) -> int:
        return sum(scene.sent for scene in self.scenes)


def play(*, as_json: bool) -> int:
    """Play the morning. 0: every step did what it should; 1: one did not, or the server failed."""
    return perform(SERVER, STEPS, as_json=as_json)


def perform(
    command: Sequence[str], steps: Sequence[Step], *, as_json: bool, patience_s: float = PATIENCE_S
) -> int:
    """Play these steps with the server that the command starts, for at most `patience_s`."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8", errors="replace")
    done = _played(command, steps, (lambda *_, **__: None) if as_json else _say, patience_s)
    if as_json:
        click.echo(json.dumps(_report(done), ensure_ascii=False))
    if done.failure:
        click.echo(done.failure, err=True)
    return 1 if done.failure else 0


def bytes_sent(log: str) -> int:
    """What the API sent, by the lines that the server's client logs (client.LOG_LINE)."""
    return sum(map(int, LOGGED.findall(log)))


def _played(command: Sequence[str], steps: Sequence[Step], say: Say, patience_s: float) -> Play:
    done = Play()
    with TemporaryDirectory(prefix="faktoora-demo-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "server.log")
        log.touch()
        try:
            anyio.run(_act, _Stage(done, say, log), command, steps, patience_s)
        except* TimeoutError:
            done.failure = f"The server gave no answer within {patience_s:g} s."
        except* (MCPError, OSError, RuntimeError):
            done.failure = _broken(done, log)
    return done
