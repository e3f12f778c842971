"""Prospects who become customers: a base for changes of many, and what an answer says of each of them."""

from typing import cast

from tests.agents import Agent, Answer
from tests.faulty import Base, FaultyApi, Record

WHERE = [{"field": "category", "op": "eq", "value": "Interessent"}]
CHANGES: Record = {"category": "Kunde"}
REQUEST: Answer = {"where": WHERE, "changes": CHANGES}


def prospect(place: int, **more: object) -> Record:
    return cast(
        "Record",
        {
            "isCompany": True,
            "name": f"Werft {place:03} GmbH",
            "customerId": f"W-{place:03}",
            "address": f"Kai {place}",
            "postcode": "20457",
            "city": "Hamburg",
            "country": "DE",
            "category": "Interessent",
            "extras": {"rabatt": "3 %"},
        }
        | more,
    )


async def prospects(api: FaultyApi, count: int, **more: object) -> list[str]:
    """So many of them in the base; their ids in the order in which they are changed."""
    made = [await api.add(prospect(place, **more)) for place in range(count)]
    return sorted(str(record["id"]) for record in made)


async def confirmed(caller: Agent, **request: object) -> Answer:
    """The request with the confirmation of its dry run."""
    shown = await caller.call("update_customers", **request)
    return request | {"dry_run": False, "confirm": shown["confirm"]}


def words(answer: Answer) -> dict[str, str]:
    """What the answer says of each customer that it names; each is named once."""
    undone = [identity for call in answer.get("undo", []) for identity in call["ids"]]
    found = [(identity, "changed") for identity in [*undone, *answer.get("changedIds", [])]]
    for word in ("failed", "unknown"):
        found += [(identity, word) for group in answer.get(word, []) for identity in group["ids"]]
    found += [(identity, "left") for identity in answer.get("left", [])]
    found += [(identity, "as before") for identity in answer.get("asBeforeIds", [])]
    assert len(found) == len({identity for identity, _ in found})
    assert answer["changed"] == [word for _, word in found].count("changed")
    return dict(found)


def check_claims(said: dict[str, str], before: Base, after: Base, changes: Record = CHANGES) -> None:
    """Who changed has the new values, who did not is as before, and so is everybody else."""
    for identity, record in before.items():
        now = after[identity]
        done = now == record | changes | {"updatedAt": now["updatedAt"]}
        match said.get(identity, "not meant"):
            case "changed" | "as before":
                assert done
            case "unknown":
                assert done or now == record
            case _:
                assert now == record
    assert after.keys() == before.keys()
