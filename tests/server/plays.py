"""The prompts as plays: what an agent calls who follows the text, with a user who agrees to all of it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import anyio
import httpx
from mcp import Client
from mcp.types import CallToolResult, TextContent

from faktoora_mcp.language import Language
from faktoora_mcp.server.resources import ERRORS
from tests.agents import FORMS, Agent, Answer, agent
from tests.faulty import Base, FaultyApi, Record, broken, said

KEPT, TWIN = "CUST-0004", "CUST-0008"
"""One firm of the sandbox, entered twice; the second one is the younger."""
LACKING: Record = {
    "isCompany": True,
    "name": "Nordwind Segel GmbH",
    "address": "Kai 7",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "category": "Werft",
    "invoiceProfile": "xrechnung",
    "extras": {},
    "customerContacts": [{"lastName": "Öz", "email": "oez@nordwind.example"}],
}
CSV = """\
Kundennummer;Firma;Straße;PLZ;Ort;Land;E-Mail;USt-IdNr.;Fax
K-1;Müller GmbH;Hohe Straße 12;50667;Köln;DE;neu@mueller-koeln.example;;0221 5020381
K-2;Kanzlei Zeta KG;Weg 2;20095;Hamburg;DE;zeta@zeta.example;DE123123123;
;Bootsbau Lund OHG;Kai 7;24103;Kiel;DE;lund@lund.example;;
"""
PASTED = """\
Kundennummer;Firma;Straße;PLZ;Ort;Land
L-1;Segelmacher Ost OHG;Kai 9;24103;Kiel;DE
L-2;Werft ohne Ort;Kai 8;24103;;DE
"""
UNTIDY: Record = LACKING | {
    "name": "Werft Ost GmbH",
    "city": "Koeln",
    "postcode": "50667",
    "category": "Werften",
}
NEWEST = {"sort": "createdAt", "order": "desc"}
IN_DOUBT = {"timeout_s": 0.5, "reconcile_s": 0.2}
Call = tuple[str, dict[str, object]]


@dataclass
class Player(Agent):
    """Remembers its calls, and how the customers were whenever it asked the user."""

    client: Client
    api: FaultyApi
    calls: list[Call] = field(default_factory=list[Call])
    asked: list[Base] = field(default_factory=list[Base])

    async def result(self, tool: str, /, **arguments: object) -> CallToolResult:
        self.calls.append((tool, arguments))
        return await super().result(tool, **arguments)

    async def ask_the_user(self) -> None:
        self.asked.append(await self.api.settled())

    async def agreed(self, tool: str, /, **arguments: object) -> tuple[Answer, Answer]:
        """The dry run of a change, and the change itself after the user said yes."""
        tried = await self.call(tool, **arguments, dry_run=True)
        await self.ask_the_user()
        return tried, await self.call(tool, **arguments)

    async def agreed_to_shown(
        self, tool: str, confirm: str | None = None, /, **arguments: object
    ) -> tuple[Answer, Answer]:
        """What a first call shows, and the change itself with what confirms it after the user said yes."""
        shown = await self.call(tool, **arguments)
        await self.ask_the_user()
        done = {"dry_run": False, "confirm": confirm or shown["confirm"]}
        return shown, await self.call(tool, **arguments, **done)

    async def id_of(self, number: str) -> str:
        return next(key for key, one in (await self.api.settled()).items() if one["customerId"] == number)


@dataclass(frozen=True)
class Scene:
    """What the prompt is given, what the agent then does, and what came of it: what it would show."""

    given: dict[str, str]
    act: Callable[[], Awaitable[Answer]]


async def find_customer(someone: Player) -> Scene:
    async def act() -> Answer:
        error = await someone.fails("get_customer", number="Müller")
        several = await someone.call("list_customers", keywords=["Müller", "Köln"])
        await someone.ask_the_user()
        vat_id = {"field": "vatId", "op": "eq", "value": "DE 211714968"}
        found = await someone.call("query_customers", where=[vat_id])
        (row,) = found["rows"]
        one = await someone.call("get_customer", id=row[0], relation_fields=["customerContacts"])
        return {
            "error": error["code"],
            "several": several["totalItems"],
            "one": one["customer"]["customerId"],
        }

    return Scene({"description": "Müller in Köln"}, act)


async def onboard_customer(someone: Player) -> Scene:
    customer = {name: LACKING[name] for name in ("isCompany", "country")} | {
        "name": "Müller GmbH",
        "address": "Ring 3",
        "postcode": "50667",
        "city": "Köln",
        "vatId": "DE 123 456 789",
        "category": "Stammkunde",
    }

    async def act() -> Answer:
        request = {"customer": customer, "assign_number": True}
        error = await someone.fails("create_customer", **request, dry_run=True)
        await someone.ask_the_user()
        one, changes = error["candidates"][0]["id"], {"note": "Filiale am Ring"}
        await someone.call("update_customer", id=one, changes=changes, dry_run=True)
        await someone.ask_the_user()
        tried, made = await someone.agreed("create_customer", **request, allow_duplicate=True)
        return {"error": error["code"], "tried": tried, "made": made}

    return Scene({"details": "Müller GmbH, Ring 3, 50667 Köln", "category": "Stammkunde"}, act)


async def review_import(someone: Player) -> Scene:
    file_id = await someone.api.upload(CSV)

    async def act() -> Answer:
        tried = await someone.call("import_customers", csv=PASTED, skip=["3"])
        await someone.ask_the_user()
        listed = await someone.call("import_customers", csv=PASTED, skip=["3"], dry_run=False)
        seen = await someone.call("list_customers", **NEWEST, relation_fields=["importedFile"])
        await someone.ask_the_user()
        imported = await someone.call("import_customers", file_id=file_id)
        (doubtful,) = imported["doubtful"]
        await someone.agreed("update_customer", id=doubtful["id"], changes={"vatId": "DE136695976"})
        unnumbered = next(row[0] for row in imported["rows"] if row[1] is None)
        number = (await someone.call("generate_customer_number"))["number"]
        await someone.agreed("update_customer", id=unnumbered, changes={"customerId": number})
        twin = next(row[0] for row in imported["rows"] if row[1] == "K-1")
        pairs = [{one["id"] for one in pair["customers"]} for pair in imported["duplicates"]["duplicates"]]
        pair = {"keep": await someone.id_of(KEPT), "remove": twin}
        _, merged = await someone.agreed_to_shown("merge_customers", "K-1", **pair)
        lists = {"tried": tried, "listed": listed, "seen": seen, "imported": imported}
        return lists | {"number": number, "pairs": pairs, "merged": merged}

    return Scene({"list": file_id}, act)


async def clean_up(someone: Player) -> Scene:
    await someone.api.add(UNTIDY)
    await someone.api.add(LACKING)

    async def act() -> Answer:
        cities = await someone.call("query_customers", group_by=["city"], limit=0)
        city = {"replace": {"field": "city", "from": "Koeln", "to": "Köln"}}
        await someone.agreed_to_shown("update_customers", **city)
        categories = await someone.call("query_customers", group_by=["category"], limit=0)
        where = [{"field": "category", "op": "eq", "value": "Werften"}]
        request = {"where": where, "changes": {"category": "Werft"}}
        _, done = await someone.agreed_to_shown("update_customers", **request)
        columns = ["id", "customerId", "name", "category"]
        missing = await someone.call("query_customers", check="missing_vat_id", fields=columns)
        await someone.call("query_customers", check="bad_vat_id", fields=columns)
        firm = next(row[0] for row in missing["rows"] if row[2] == "Nordwind Segel GmbH")
        await someone.agreed("update_customer", id=firm, changes={"vatId": "DE136695976"})
        return {"cities": cities, "categories": categories, "done": done, "firm": firm}

    return Scene({}, act)


async def check_readiness(someone: Player) -> Scene:
    await someone.api.add(LACKING)
    columns = ["id", "customerId", "name", "category", "invoiceProfile"]
    question = {
        "check": "not_ready_for_xrechnung",
        "where": [
            {"field": "country", "op": "eq", "value": "DE"},
            {"field": "category", "op": "eq", "value": "Werft"},
        ],
        "fields": columns,
        "group_by": ["category"],
        "limit": 100,
    }

    async def act() -> Answer:
        (row,) = (before := await someone.call("query_customers", **question))["rows"]
        read = await someone.call("get_customer", id=row[0], relation_fields=["customerContacts"])
        changes = {"email": read["customer"]["customerContacts"][0]["email"], "routeId": "991-03730-19"}
        await someone.agreed("update_customer", id=row[0], changes=changes)
        return {"before": before, "after": await someone.call("query_customers", **question)}

    return Scene({"country": "DE", "category": "Werft"}, act)


async def plan_merge(someone: Player) -> Scene:
    contact = {"lastName": "Krause", "email": "krause@mueller-koeln.example"}
    await Agent(someone.client).call(
        "update_customer", id=await someone.id_of(TWIN), changes={"customerContacts": [contact]}
    )

    async def act() -> Answer:
        found = await someone.call("find_duplicate_customers")
        (pair,) = found["duplicates"]
        stays, goes = sorted(pair["customers"], key=lambda customer: customer["customerId"])
        sides = {"keep": stays["id"], "remove": goes["id"]}
        (sister,) = {one["id"] for each in found["similar"] for one in each["customers"]} - {*sides.values()}
        refused = await someone.fails("merge_customers", keep=stays["id"], remove=sister)
        first = await someone.call("merge_customers", **sides)
        request = sides | {"prefer": {"invoiceProfile": "remove"}}
        tried, merged = await someone.agreed_to_shown("merge_customers", TWIN, **request)
        return {"found": found, "refused": refused, "first": first, "tried": tried, "merged": merged}

    return Scene({}, act)


async def explain_error(someone: Player) -> Scene:
    """A creation and a second change were carried out, but their answers and all later reads were lost."""
    customer = {name: LACKING[name] for name in LACKING if name != "customerContacts"}
    kept = await someone.id_of(KEPT)
    await Agent(someone.client).call("update_customer", id=kept, changes={"phoneNo": "0221 1"})
    creation = await _in_doubt(someone, "POST /customer", "create_customer", customer=customer)
    await _in_doubt(someone, "PATCH /customer/*", "update_customer", id=kept, changes={"city": "Bonn"})

    async def act() -> Answer:
        reference = (await someone.client.read_resource(ERRORS)).contents[0]
        newest = await someone.call("list_customers", **NEWEST)
        changed = await someone.call("get_customer", id=kept)
        await someone.ask_the_user()
        return {
            "code": creation["code"],
            "reference": reference.model_dump()["text"],
            "newest": newest["rows"][0][2],
            "city": changed["customer"]["city"],
        }

    return Scene({"error": json.dumps(creation)}, act)


async def _in_doubt(someone: Player, request: str, tool: str, **arguments: object) -> Answer:
    reads = "GET /customers" if request.startswith("POST") else "GET /customer/*"
    someone.api.meet(broken(httpx.ReadTimeout, after=True), request)
    someone.api.meet(said(500, {}), reads, nth=2, always=True)
    error = await Agent(someone.client).fails(tool, **arguments)
    someone.api.heal()
    return error


PLAYS = {
    play.__name__: play
    for play in (
        find_customer, onboard_customer, review_import, check_readiness, plan_merge, clean_up, explain_error,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Played:
    """The text that was served and played, the calls, and the customers before, when asked, and after."""

    text: str
    calls: list[Call]
    before: Base
    asked: list[Base]
    after: Base
    shown: Answer
    left: dict[str, int]


@cache
def played(era: str, language: Language, name: str) -> Played:
    """The play of a prompt on a sandbox of its own."""
    return anyio.run(_played, era, language, name)


async def _played(era: str, language: Language, name: str) -> Played:
    api = FaultyApi(57, FORMS[era])
    async with agent(era, api, language=language, **IN_DOUBT) as someone:
        player = Player(someone.client, api)
        scene = await PLAYS[name](player)
        (message,) = (await player.client.get_prompt(name, scene.given)).messages
        before = await api.settled()
        api.left.clear()
        shown = await scene.act()
        return Played(
            text=cast("TextContent", message.content).text,
            calls=player.calls,
            before=before,
            asked=player.asked,
            after=await api.settled(),
            shown=shown,
            left=dict(api.left),
        )
