"""The morning that the demo plays: wishes, the calls for them, the proofs that they came true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Seen: TypeAlias = Mapping[str, Json]
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


def _counts(answer: Json) -> dict[str, int]:
    return dict(answer["groups"]["rows"])


def _twins(answer: Json) -> list[str]:
    return [f"{one['name']} ({one['customerId']})" for one in answer["doubles"][0]["customers"]]


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
        "How many customers do we have per country?",
        "query_customers",
        lambda _: {"group_by": ["country"], "limit": 0},
        lambda answer, _: answer["complete"] and sum(_counts(answer).values()) == answer["scanned"],
        lambda answer: ", ".join(f"{count} in {country}" for country, count in _counts(answer).items()) + ".",
    ),
    Step(
        "And is anybody in there twice?",
        "find_duplicate_customers",
        lambda _: {},
        lambda answer, _: answer["doublesTotal"] == 1 and len(_twins(answer)) == len({*_twins(answer)}),
        lambda answer: f"{' and '.join(_twins(answer))}: {answer['doubles'][0]['reasons'][0]}.",
    ),
    Step(
        "Acme GmbH has ordered for the first time. Which customer number is next?",
        "generate_customer_number",
        lambda _: {},
        lambda answer, _: bool(answer["number"]),
        "{number}.".format_map,
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
        "Yes: {number} is taken by {holder[name]}.".format_map,
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
        lambda _: {"file_id": "550e8400-e29b-41d4-a716-446655440000"},
        lambda answer, _: answer["imported"] == len(answer["rows"]) > answer["doubtfulTotal"] > 0,
        "{imported} are new. Check {doubtful[0][name]}: {doubtful[0][problems][0]}.".format_map,
    ),
    Step(
        "Acme has cancelled for good. Delete Acme GmbH.",
        "delete_customer",
        lambda seen: {"id": _acme_id(seen), "confirm": ACME["name"]},
        lambda answer, seen: answer["deleted"]["id"] == _acme_id(seen),
        "{deleted[name]} is deleted.".format_map,
    ),
)
