"""Lists of new customers, and what becomes of them in a base."""

from collections import Counter
from typing import cast

from faktoora_mcp.api.many_outcomes import Listed
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.writes.many.import_list import ImportRequest, import_list
from faktoora_mcp.writes.many.list_source import Source
from faktoora_mcp.writes.session import Writer
from tests.faulty import Base, Record

LIMITS = Limits(scan_s=50, max_scan=100_000)
HEADERS = "Firma;Straße;PLZ;Ort;Land;E-Mail;Kundennummer"
PLACES = ("Aachen", "Bremen", "Celle", "Dresden", "Emden", "Fulda", "Gera", "Hof", "Ilmenau", "Jena")


def firm(place: int, **more: object) -> Record:
    """The customer of a row; no two are alike."""
    city = PLACES[place % len(PLACES)]
    return cast(
        "Record",
        {
            "isCompany": True,
            "name": f"Segelmacherei {city} {place} GmbH",
            "address": f"Kai {place}",
            "postcode": f"{20000 + place}",
            "city": city,
            "country": "DE",
            "email": f"info@segel{place}.example.com",
            "customerId": f"S-{place:04}",
            "extras": {},
        }
        | more,
    )


def firms(count: int) -> list[Record]:
    return [firm(place) for place in range(1, count + 1)]


def mixed(count: int) -> list[Record]:
    """Such firms, every other one without a number: nothing but the comparison prevents its twin."""
    records = firms(count)
    for record in records[::2]:
        del record["customerId"]
    return records


def csv_of(records: list[Record]) -> str:
    names = ("name", "address", "postcode", "city", "country", "email", "customerId")
    return "\n".join(
        [HEADERS, *(";".join(str(record.get(name, "")) for name in names) for record in records)]
    )


async def imported(
    writer: Writer, records: list[Record], *, dry_run: bool = False, limits: Limits = LIMITS
) -> Listed:
    return await import_list(writer, ImportRequest(Source(rows=records)), limits, dry_run=dry_run)


def statuses(listed: Listed) -> list[str]:
    return [row.status for row in listed.rows]


def times_held(base: Base, records: list[Record]) -> list[int]:
    """How often each of the records is in the base, known by its e-mail address and as it was given."""
    held = Counter(record.get("email") for record in base.values())
    for record in records:
        for other in base.values():
            if other.get("email") == record["email"]:
                assert {name: other[name] for name in record} == record
    return [held[record["email"]] for record in records]


def check_claims(listed: Listed, records: list[Record], after: Base) -> None:
    """Who is said to be there is there once, as given; who is said not to be is not."""
    for row, times in zip(listed.rows, times_held(after, records), strict=True):
        match row.status:
            case "created" | "exists":
                assert times == 1
                assert row.customer
                assert after[row.customer.id]["email"] == row.record["email"]
            case "unknown":
                assert times <= 1
            case _:
                assert times == 0
