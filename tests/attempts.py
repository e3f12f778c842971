"""The four writes with all that they need in the base, and how base and answer look once they are done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from tests.faulty import Base, FaultyApi, Record
from tests.scripted import ACME

HELD: Record = {
    "isCompany": True,
    "name": "Nordwind Segel GmbH",
    "customerId": "N-0815",
    "address": "Kai 7",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "extras": {"rabatt": "3 %"},
    "customerContacts": [
        {"lastName": "Öz", "email": "oez@nordwind.example.com", "phoneNo": "040 1"},
        {"lastName": "Lund", "email": "lund@nordwind.example.com"},
    ],
}
CHANGES: Record = {
    "city": "Kiel",
    "extras": {"kunde seit": "2019"},
    "customerContacts": [{"email": "oez@nordwind.example.com", "phoneNo": "0431 2"}],
}
CSV = "Firma;Straße;PLZ;Ort\n" + "".join(f"Boot {name};Weg 1;20457;Hamburg\n" for name in ("A", "B", "C"))


@dataclass(frozen=True, slots=True)
class Write:
    """A call, the request that carries it to the API, and how base and answer look when it is done."""

    tool: str
    arguments: Record
    request: str
    is_done: Callable[[Base, Base], bool]
    check_answer: Callable[[Record, Base, Base], None]


async def prepared(api: FaultyApi, name: str) -> Write:
    """The write of this name, with all that it needs in the base."""
    held = await api.add(HELD)
    identity = str(held["id"])
    match name:
        case "update_customer":
            return updating(identity)
        case "delete_customer":
            return deleting(identity)
        case "import_customers":
            return importing(await api.upload(CSV))
        case _:
            return creating(assign_number=name != "create_customer")


def creating(*, assign_number: bool) -> Write:
    def check_answer(answer: Record, before: Base, after: Base) -> None:
        (made,) = new(before, after)
        shown = cast("Record", answer["customer"])
        assert shown == {name: made[name] for name in shown}
        assert shown["id"] == made["id"]
        assert ("customerId" in shown) is assign_number

    return Write(
        "create_customer",
        {"customer": ACME, "assign_number": assign_number},
        "POST /customer",
        lambda before, after: adds(before, after, [ACME]),
        check_answer,
    )


def updating(identity: str) -> Write:
    def is_done(before: Base, after: Base) -> bool:
        held, now = before[identity], after[identity]
        oez, lund = cast("list[Record]", held["customerContacts"])
        wanted: Record = {
            "city": "Kiel",
            "extras": {"rabatt": "3 %", "kunde seit": "2019"},
            "customerContacts": [oez | {"phoneNo": "0431 2"}, lund],
            "updatedAt": now["updatedAt"],
        }
        return after == before | {identity: held | wanted}

    def check_answer(answer: Record, before: Base, after: Base) -> None:
        changed = {"city": ["Hamburg", "Kiel"], "extras.kunde seit": [None, "2019"]}
        oez = cast("list[Record]", before[identity]["customerContacts"])[0]
        phone = {str(oez["id"]): {"phoneNo": ["040 1", "0431 2"]}}
        entries = {"customerContacts": {"changed": phone, "kept": 1}}
        assert (answer["changed"], answer["entries"]) == (changed, entries)

    return Write(
        "update_customer",
        {"id": identity, "changes": CHANGES},
        f"PATCH /customer/{identity}",
        is_done,
        check_answer,
    )


def deleting(identity: str) -> Write:
    def check_answer(answer: Record, before: Base, after: Base) -> None:
        assert answer["restore"] == HELD | {"deliveryAddresses": []}

    return Write(
        "delete_customer",
        {"id": identity, "confirm": "N-0815"},
        f"DELETE /customer/{identity}",
        lambda before, after: after == {key: before[key] for key in before if key != identity},
        check_answer,
    )


def importing(file_id: str) -> Write:
    boats: list[Record] = [{"name": f"Boot {name}"} for name in ("A", "B", "C")]

    def check_answer(answer: Record, before: Base, after: Base) -> None:
        ids = {row[0] for row in cast("list[list[str]]", answer["rows"])}
        assert (answer["imported"], ids) == (3, after.keys() - before.keys())

    return Write(
        "import_customers",
        {"file_id": file_id},
        "POST /customers/import",
        lambda before, after: adds(before, after, boats),
        check_answer,
    )


def new(before: Base, after: Base) -> list[Record]:
    return [record for identity, record in after.items() if identity not in before]


def adds(before: Base, after: Base, wanted: list[Record]) -> bool:
    """Whether exactly these customers came in, each once, and all others are as they were."""
    made = sorted(new(before, after), key=lambda record: str(record["name"]))
    kept = {identity: after.get(identity) for identity in before}
    as_wanted = all(made[at].items() >= record.items() for at, record in enumerate(wanted) if at < len(made))
    return kept == before and len(made) == len(wanted) and as_wanted
