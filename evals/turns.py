"""Tasks of several turns: what was just done is taken back, corrected or carried on."""

from tests.faulty import Record

from .marking import (
    OneLess,
    OneMore,
    SameEntries,
    after,
    changed,
    created,
    deleted,
    either,
    number,
    restored,
    says,
    text,
    unchanged,
)
from .task import Call, Found, Task, Turn

NEW_PHONE: Record = {"phoneNo": "+49 221 5550199"}
MARIA = "maria.fischer@schwarz-bueromoebel.example"
WATTWURM: Record = {
    "isCompany": True,
    "name": "Wattwurm Angelbedarf GmbH",
    "address": "Deichstraße 7",
    "postcode": "25813",
    "city": "Husum",
    "country": "DE",
}
IMKE: Record = {"firstName": "Imke", "lastName": "Petersen", "email": "petersen@wattwurm.example"}
LINZ: Record = {"address": "Am Kai 2", "postcode": "4020", "city": "Linz", "country": "AT"}
IN_AUSTRIA = {"field": "country", "op": "eq", "value": "AT"}
ROW = ("rows", 0, 0)


def found(*words: str) -> Call:
    return Call("list_customers", {"keywords": [*words]})


def taken_back(call: int) -> Call:
    """The undo of a change, sent as it was answered."""
    return Call("update_customer", {"id": Found(call, ("id",)), "changes": Found(call, ("undo", "changes"))})


TURNS = (
    Task(
        "change_taken_back",
        "de",
        (
            Turn(
                "Neue Telefonnummer der Müller AG in Köln: +49 221 5550199.",
                (found("müller ag"), Call("update_customer", {"id": Found(0, ROW), "changes": NEW_PHONE})),
                "Die Müller AG (CUST-0009) hat jetzt +49 221 5550199.",
            ),
            Turn(
                "Das war ein Irrtum, bitte wieder zurück.",
                (taken_back(1),),
                "Es gilt wieder +49 221 5710819.",
            ),
        ),
        (after(0, changed("CUST-0009", **NEW_PHONE)), unchanged()),
    ),
    Task(
        "wrong_record_corrected",
        "de",
        (
            Turn(
                "Neue Telefonnummer der Müller AG in Köln: +49 221 5550199.",
                (found("müller ag"), Call("update_customer", {"id": Found(0, ROW), "changes": NEW_PHONE})),
                "Die Müller AG (CUST-0009) hat jetzt +49 221 5550199.",
            ),
            Turn(
                "Ach nein, das ist die Nummer von CUST-0004! Bei der AG gehört die alte wieder hin.",
                (
                    taken_back(1),
                    Call("get_customer", {"number": "CUST-0004"}),
                    Call("update_customer", {"id": Found(3, ("customer", "id")), "changes": NEW_PHONE}),
                ),
                "CUST-0004 hat die neue Nummer, CUST-0009 wieder die alte.",
            ),
        ),
        (after(0, changed("CUST-0009", **NEW_PHONE)), changed("CUST-0004", **NEW_PHONE)),
    ),
    Task(
        "deletion_taken_back",
        "en",
        (
            Turn(
                "Please delete Katharina Haas in Augsburg, CUST-0046. I am sure.",
                (
                    Call("get_customer", {"number": "CUST-0046"}),
                    Call("delete_customer", {"id": Found(0, ("customer", "id"))}),
                ),
                "Katharina Haas (CUST-0046) is deleted.",
            ),
            Turn(
                "Oh no, it should have been another one. Bring her back as she was!",
                (Call("create_customer", {"customer": Found(1, ("restore",))}),),
                "She is back under her number, CUST-0046.",
            ),
        ),
        (after(0, deleted("CUST-0046")), restored("CUST-0046")),
        agrees_to="CUST-0046",
    ),
    Task(
        "contact_removed_and_put_back",
        "de",
        (
            Turn(
                f"{MARIA} arbeitet nicht mehr bei CUST-0001. Nimm sie bitte heraus.",
                (
                    Call("get_customer", {"number": "CUST-0001"}),
                    Call(
                        "update_customer",
                        {
                            "id": Found(0, ("customer", "id")),
                            "remove_entries": {"customerContacts": [MARIA]},
                        },
                    ),
                ),
                "Maria Fischer ist entfernt, die beiden anderen bleiben.",
            ),
            Turn(
                "Sie hat doch nur die Abteilung gewechselt. Trag sie wieder ein wie vorher.",
                (taken_back(1),),
                "Maria Fischer steht wieder bei CUST-0001.",
            ),
        ),
        (
            after(0, changed("CUST-0001", customerContacts=OneLess(MARIA))),
            either(unchanged(), changed("CUST-0001", customerContacts=SameEntries())),
        ),
    ),
    Task(
        "new_company_completed",
        "en",
        (
            Turn(
                "New customer: Wattwurm Angelbedarf GmbH, Deichstraße 7, 25813 Husum, Germany.",
                (Call("create_customer", {"customer": WATTWURM}),),
                "Wattwurm Angelbedarf GmbH is entered.",
            ),
            Turn(
                "Its VAT ID is DE129273398, and the contact is Imke Petersen, petersen@wattwurm.example.",
                (
                    Call(
                        "update_customer",
                        {
                            "id": Found(0, ("customer", "id")),
                            "changes": {"vatId": "DE129273398", "customerContacts": [IMKE]},
                        },
                    ),
                ),
                "Both are added to Wattwurm Angelbedarf GmbH.",
            ),
        ),
        (
            after(0, created(WATTWURM)),
            created({**WATTWURM, "vatId": "DE129273398", "customerContacts": OneMore(IMKE)}),
        ),
    ),
    Task(
        "question_narrowed",
        "de",
        (
            Turn(
                "Wie viele Kunden haben wir in Österreich?",
                (Call("query_customers", {"where": [IN_AUSTRIA], "limit": 0}),),
                "Vier.",
            ),
            Turn(
                "Und wie viele davon haben keine Telefonnummer? Wer ist das?",
                (
                    Call(
                        "query_customers",
                        {"where": [IN_AUSTRIA, {"field": "phoneNo", "op": "missing"}]},
                    ),
                ),
                "2: Ingenieure Günther OG und Markus Weiß.",
            ),
        ),
        (
            says(number(4) | text("vier"), turn=0),
            says(text("Günther", "CUST-0037"), text("Weiß", "CUST-0048")),
            unchanged(),
        ),
    ),
    Task(
        "tried_before_it_is_done",
        "en",
        (
            Turn(
                "Lorenz OHG wants to move to Am Kai 2, 4020 Linz, Austria. Only try it: would you have to "
                "warn me about anything? Change nothing yet.",
                (
                    found("lorenz ohg"),
                    Call("update_customer", {"id": Found(0, ROW), "changes": LINZ, "dry_run": True}),
                ),
                "It would work. Its VAT ID stays the German one, DE475974102.",
            ),
            Turn(
                "Good, do it.",
                (Call("update_customer", {"id": Found(0, ROW), "changes": LINZ}),),
                "Lorenz OHG now stands at Am Kai 2, 4020 Linz.",
            ),
        ),
        (unchanged(turn=0), changed("CUST-0056", **LINZ)),
    ),
)
