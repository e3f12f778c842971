"""An agent at a sandbox in one form of the API: what it is told, and what the API really holds."""

import json
import re
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from pydantic import JsonValue

from faktoora_mcp.sandbox.forms import Forms
from tests.agents import Agent, Answer, agent, text_of
from tests.faulty import Record
from tests.sandboxes import Sandbox

DRAWN = re.compile("CUST-[0-9]+|[0-9]{3}")
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OWN_ID = re.compile("FK-[0-9A-F]{8}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
API_OWNED = ("id", "faktooraId", "createdAt", "updatedAt", "user", "importedFile")
EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


@dataclass
class World:
    """Customers and their order are the same in every world; ids, drawn numbers and moments are not.

    `unseen` are the fields that answers about one customer leave out in one of the worlds.
    """

    unseen: tuple[str, ...]
    someone: Agent
    api: Sandbox
    db: Path
    undo: Answer | None = None
    restore: Record | None = None
    ids: dict[str, str] = field(default_factory=dict[str, str])
    numbers: dict[str, str] = field(default_factory=dict[str, str])
    """What ids and drawn customer numbers are called in every world."""

    def records(self) -> list[Record]:
        """All customers as the API holds them, in the order of their creation."""
        with sqlite3.connect(self.db) as connection:
            rows = connection.execute("SELECT record FROM customers ORDER BY seq").fetchall()
        connection.close()
        records = [cast("Record", json.loads(row)) for (row,) in rows]
        for record in records:
            name = self.ids.setdefault(str(record["id"]), f"customer {len(self.ids)}")
            if DRAWN.fullmatch(number := str(record.get("customerId"))):
                self.numbers[number] = f"number of {name}"
        return records

    def at(self, place: int) -> Record:
        """The customer at this place, counted round and round; an empty record where there is none."""
        records = self.records()
        return records[place % len(records)] if records else {}

    def held(self) -> list[JsonValue]:
        """The customers as a bookkeeper sees them."""
        return [self.plain(_without_ids(record)) for record in self.records()]

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Answer:
        answer = json.loads(text_of(await self.someone.result(tool, **arguments)))
        self.records()
        return answer

    def plain(self, value: JsonValue) -> JsonValue:
        """The value without what differs between worlds, or is empty."""
        match value:
            case str():
                known = self.ids.get(value) or self.numbers.get(value, value) or None
                return known and MOMENT.sub("moment", UUID.sub("id", OWN_ID.sub("id", known)))
            case list():
                return [self.plain(item) for item in value]
            case dict():
                items = {
                    OWN_ID.sub("id", UUID.sub("id", name)): self.plain(item) for name, item in value.items()
                }
                return {name: item for name, item in items.items() if item not in EMPTY}
            case _:
                return value


def _without_ids(record: Record) -> Record:
    """What the API sets is left out, of a record and of its entries."""
    return {name: _without_entry_ids(value) for name, value in record.items() if name not in API_OWNED}


def _without_entry_ids(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    entries = cast("list[Record]", value)
    return [{name: text for name, text in entry.items() if name != "id"} for entry in entries]


@asynccontextmanager
async def world(forms: Forms, customers: int, unseen: tuple[str, ...] = ()) -> AsyncGenerator[World]:
    with TemporaryDirectory() as folder:
        db = Path(folder) / "db"
        api = Sandbox(customers, forms, db)
        async with agent("auto", api) as someone:
            here = World(unseen, someone, api, db)
            here.records()
            yield here
