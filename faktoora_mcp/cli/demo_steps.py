"""The steps of the demo: what a bookkeeper asks for, the call, and the check of its effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .texts.words import tr

Json: TypeAlias = dict[str, Any]
Answers: TypeAlias = Mapping[str, Json]
"""The answers so far, by tool."""
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
    """What the bookkeeper asks for, the call, whether its answer shows the effect, and a summary of it."""

    request: str
    tool: str
    arguments: Callable[[Answers], Json]
    is_done: Callable[[Json, Answers], bool]
    summary: Callable[[Json], str]


def _hahn(found: Json) -> Json:
    rows = (dict(zip(found["columns"], row, strict=True)) for row in found["rows"])
    return next(row for row in rows if row["name"].startswith("Immobilien Hahn"))


def _accountant(found: Json) -> Json:
    return next(one for one in found["customer"]["customerContacts"] if one["position"] == "Buchhaltung")


def _counts(answer: Json) -> dict[str, int]:
    return dict(answer["groups"]["rows"])


def _duplicates(answer: Json) -> list[str]:
    return [f"{one['name']} ({one['customerId']})" for one in answer["duplicates"][0]["customers"]]


def _numbered_acme(answers: Answers) -> Json:
    return ACME | {"customerId": answers["generate_customer_number"]["number"]}


def _filled(record: Json) -> Json:
    """Without what is empty, which answers leave out."""
    return {name: value for name, value in record.items() if value not in ({}, None)}


def _acme_id(answers: Answers) -> str:
    return answers["create_customer"]["customer"]["id"]


def _found(answer: Json) -> str:
    return tr("{count} of them. It was {name}.", count=answer["totalItems"], name=_hahn(answer)["name"])


def _by_country(answer: Json) -> str:
    parts = (tr("{count} in {country}", count=count, country=name) for name, count in _counts(answer).items())
    return ", ".join(parts) + "."


def _created(answer: Json) -> str:
    checks = (_check("Check {problem}.", warning) for warning in answer.get("warnings", []))
    return " ".join([tr("Created."), *checks])


def _check(text: str, problem: str, **more: object) -> str:
    """What an agent reads is English, so in German only the field is named."""
    return tr(text, problem=problem, field=problem.partition(":")[0], **more)


def _taken(answer: Json) -> str:
    return tr("Yes: {number} is taken by {name}.", number=answer["number"], name=answer["holder"]["name"])


def _imported(answer: Json) -> str:
    first = answer["doubtful"][0]
    known = {"count": answer["imported"], "name": first["name"]}
    return _check("{count} are new. Check {name}: {problem}.", first["doubts"][0], **known)


STEPS = (
    Step(
        "An invoice to a property company came back. Which ones do we have?",
        "list_customers",
        lambda _: {"keywords": ["immobilien"]},
        lambda answer, _: bool(_hahn(answer)["id"]),
        _found,
    ),
    Step(
        "Who is our contact in their accounts department?",
        "get_customer",
        lambda answers: {
            "id": _hahn(answers["list_customers"])["id"],
            "relation_fields": ["customerContacts"],
        },
        lambda answer, _: bool(_accountant(answer)["phoneNo"]),
        lambda answer: "{firstName} {lastName}, {phoneNo}.".format_map(_accountant(answer)),
    ),
    Step(
        "How many customers do we have per country?",
        "query_customers",
        lambda _: {"group_by": ["country"], "limit": 0},
        lambda answer, _: answer["complete"] and sum(_counts(answer).values()) == answer["scanned"],
        _by_country,
    ),
    Step(
        "Is any customer in the list twice?",
        "find_duplicate_customers",
        lambda _: {},
        lambda answer, _: (
            answer["duplicatesTotal"] == 1 and len(_duplicates(answer)) == len({*_duplicates(answer)})
        ),
        lambda answer: tr(
            "{one} and {other}: {reason}.",
            **dict(zip(("one", "other"), _duplicates(answer), strict=True)),
            reason=answer["duplicates"][0]["reasons"][0],
        ),
    ),
    Step(
        "Acme GmbH has ordered for the first time. Which customer number is next?",
        "generate_customer_number",
        lambda _: {},
        lambda answer, _: bool(answer["number"]),
        "{number}.".format_map,
    ),
    Step(
        "Create Acme under that number.",
        "create_customer",
        lambda answers: {"customer": _numbered_acme(answers)},
        lambda answer, answers: _filled(_numbered_acme(answers)).items() <= answer["customer"].items(),
        _created,
    ),
    Step(
        "Does the number belong to Acme now?",
        "verify_customer_number",
        lambda answers: {"number": answers["generate_customer_number"]["number"]},
        lambda answer, answers: answer["available"] is False and answer["holder"]["id"] == _acme_id(answers),
        _taken,
    ),
    Step(
        "Acme writes that it has moved to Hamburg.",
        "update_customer",
        lambda answers: {"id": _acme_id(answers), "changes": MOVED},
        lambda answer, _: answer["changed"] == {name: [ACME[name], MOVED[name]] for name in MOVED},
        lambda answer: tr("Changed: {what}.", what=", ".join(map(" → ".join, answer["changed"].values()))),
    ),
    Step(
        "The web shop's new customers are uploaded as a CSV file. Import them.",
        "import_customers",
        lambda _: {"file_id": "550e8400-e29b-41d4-a716-446655440000"},
        lambda answer, _: answer["imported"] == len(answer["rows"]) > answer["doubtfulTotal"] > 0,
        _imported,
    ),
    Step(
        "Acme has cancelled for good. Delete Acme GmbH.",
        "delete_customer",
        lambda answers: {"id": _acme_id(answers), "confirm": ACME["name"]},
        lambda answer, answers: answer["deleted"]["id"] == _acme_id(answers),
        lambda answer: tr("{name} is deleted.", name=answer["deleted"]["name"]),
    ),
)
