"""Tasks about many customers: one change to all of a kind, a list to enter, two entries of one customer."""

from collections.abc import Mapping

import httpx

from tests.faulty import Record, broken, said

from .changes import BOTH, MERGE_SINGLY, TAKEN_OVER
from .firms import BROKEN, FIRMS, IN_DRESDEN, IN_MUNICH, KNOWN, NUMBERS, PROSPECTS, csv
from .marking import after, created, each_changed, merged, number, says, text, unchanged
from .task import Call, Found, Met, Task, Turn

OF_LEIPZIG = [
    {"field": "category", "op": "eq", "value": "Interessent"},
    {"field": "city", "op": "eq", "value": "Leipzig"},
]
REGULAR: Record = {"category": "Stammkunde"}
RECATEGORISED = {"where": OF_LEIPZIG, "changes": REGULAR}
OF_MUNICH = [{"field": "city", "op": "eq", "value": "Muenchen"}]
SPELLING = {"replace": {"field": "city", "from": "Muenchen", "to": "München"}}
SPELLED = {"where": OF_MUNICH, **SPELLING}
UNDO = {each: Found(1, ("undo", 0, each)) for each in ("ids", "changes")}
"""The only call that the second one answers to take its changes back."""
LOST = broken(httpx.ReadTimeout, after=True)


def done(arguments: Mapping[str, object], shown: int) -> dict[str, object]:
    """The arguments after a dry run, with the confirmation that it answered."""
    return {**arguments, "dry_run": False, "confirm": Found(shown, ("confirm",))}


def one_by_one(where: list[dict[str, str]], changes: Record) -> tuple[Call, ...]:
    every = Call("query_customers", {"where": where, "limit": 100})
    return every, *(
        Call("update_customer", {"id": Found(0, ("rows", place, 0)), "changes": changes})
        for place in range(len(FIRMS))
    )


def entered(records: list[Record]) -> tuple[Call, ...]:
    return tuple(Call("create_customer", {"customer": each}) for each in records)


PASTED = csv([*FIRMS[:58], KNOWN, BROKEN])
IMPORT = (
    Call("import_customers", {"csv": PASTED}),
    Call("import_customers", {"csv": PASTED, "dry_run": False}),
)
IMPORT_SINGLY = entered([*FIRMS[:58], KNOWN, BROKEN])
NEW_IN_IMPORT = [*FIRMS[:58]]

LISTS = (
    Task(
        "sixty_of_another_category",
        "de",
        (
            Turn(
                "Alle Interessenten aus Leipzig sind jetzt Stammkunden. Ändere die Kategorie bei allen, das "
                "ist so abgesprochen. Wie viele waren es?",
                (
                    Call("update_customers", RECATEGORISED),
                    Call("update_customers", done(RECATEGORISED, 0)),
                ),
                "60 Kunden aus Leipzig sind jetzt Stammkunden.",
                one_by_one(OF_LEIPZIG, REGULAR),
            ),
        ),
        (each_changed(NUMBERS, **REGULAR), says(number(60))),
        given=(*PROSPECTS, IN_DRESDEN),
        agrees_to="Stammkunde",
        many=True,
    ),
    Task(
        "sixty_with_a_lost_answer",
        "en",
        (
            Turn(
                "All prospects (category Interessent) in Leipzig are regular customers now: make that "
                "Stammkunde for every one of them, as agreed.",
                (
                    Call("update_customers", RECATEGORISED),
                    Call("update_customers", done(RECATEGORISED, 0)),
                    Call("update_customers", RECATEGORISED),
                    Call("update_customers", done(RECATEGORISED, 2)),
                ),
                "All 60 are Stammkunde now; one answer got lost on the way, so I looked again.",
                (
                    *one_by_one(OF_LEIPZIG, REGULAR),
                    Call("get_customer", {"id": Found(0, ("rows", 29, 0)), "fields": ["category"]}),
                ),
            ),
        ),
        (each_changed(NUMBERS, **REGULAR),),
        given=(*PROSPECTS, IN_DRESDEN),
        faults=(Met(LOST, "PATCH /customer/*", 30),),
        agrees_to="Stammkunde",
        many=True,
        reconciles=False,
    ),
    Task(
        "spelling_of_a_city",
        "en",
        (
            Turn(
                "Some customers have the city Muenchen. It should be München for all of them, go ahead.",
                (Call("update_customers", SPELLED), Call("update_customers", done(SPELLED, 0))),
                "60 customers are corrected to München.",
                one_by_one(OF_MUNICH, {"city": "München"}),
            ),
        ),
        (each_changed(NUMBERS, city="München"),),
        given=IN_MUNICH,
        agrees_to="München",
        many=True,
    ),
    Task(
        "change_to_sixty_taken_back",
        "de",
        (
            Turn(
                "Setz bei allen Interessenten aus Leipzig die Kategorie auf Stammkunde, wie besprochen.",
                (
                    Call("update_customers", RECATEGORISED),
                    Call("update_customers", done(RECATEGORISED, 0)),
                ),
                "60 Kunden sind geändert.",
                one_by_one(OF_LEIPZIG, REGULAR),
            ),
            Turn(
                "Das kam zu früh. Mach es bitte bei allen rückgängig.",
                (
                    Call("update_customers", UNDO),
                    Call("update_customers", done(UNDO, 2)),
                ),
                "Die 60 sind wieder Interessenten.",
                tuple(
                    Call(
                        "update_customer",
                        {"id": Found(0, ("rows", place, 0)), "changes": {"category": "Interessent"}},
                    )
                    for place in range(len(FIRMS))
                ),
            ),
        ),
        (after(0, each_changed(NUMBERS, **REGULAR)), unchanged()),
        given=(*PROSPECTS, IN_DRESDEN),
        agrees_to="Interessent",
        many=True,
    ),
    Task(
        "sixty_pasted_into_the_chat",
        "de",
        (
            Turn(
                f"Bitte alle als Kunden anlegen, außer wen wir schon haben. Wer geht nicht?\n{PASTED}",
                IMPORT,
                "58 sind neu. Die Müller GmbH gibt es schon (CUST-0004); bei Pfefferkorn OHG hat die "
                "Postleitzahl nur vier Ziffern.",
                IMPORT_SINGLY,
            ),
        ),
        (created(*NEW_IN_IMPORT), says(text("Pfefferkorn"))),
        many=True,
    ),
    Task(
        "list_with_a_lost_answer",
        "en",
        (
            Turn(
                f"Please enter all of these that we do not have yet, and tell me how many are new.\n{PASTED}",
                IMPORT,
                "58 are new.",
                IMPORT_SINGLY,
            ),
        ),
        (created(*NEW_IN_IMPORT), says(number(58))),
        faults=(Met(LOST, "POST /customer", 30),),
        many=True,
    ),
    Task(
        "list_stopped_half_way",
        "de",
        (
            Turn(
                f"Bitte alle als Kunden anlegen, außer wen wir schon haben.\n{PASTED}",
                (*IMPORT, IMPORT[1]),
                "58 sind neu; zwischendurch nahm faktoora nichts an.",
                (*IMPORT_SINGLY[:33], *IMPORT_SINGLY[29:]),
            ),
        ),
        (created(*NEW_IN_IMPORT),),
        faults=tuple(Met(said(429, {}), "POST /customer", nth) for nth in range(30, 34)),
        many=True,
    ),
    Task(
        "list_again_with_more",
        "en",
        (
            Turn(
                f"Please enter these as customers, as they are.\n{csv(FIRMS[:12])}",
                (
                    Call("import_customers", {"csv": csv(FIRMS[:12])}),
                    Call("import_customers", {"csv": csv(FIRMS[:12]), "dry_run": False}),
                ),
                "All 12 are entered.",
                entered(FIRMS[:12]),
            ),
            Turn(
                f"I had forgotten three. Here is the list again, enter who is missing.\n{csv(FIRMS[:15])}",
                (
                    Call("import_customers", {"csv": csv(FIRMS[:15])}),
                    Call("import_customers", {"csv": csv(FIRMS[:15]), "dry_run": False}),
                ),
                "3 are new, 12 were there.",
                entered(FIRMS[12:15]),
            ),
        ),
        (after(0, created(*FIRMS[:12])), created(*FIRMS[:15])),
        many=True,
    ),
    Task(
        "merge_with_a_lost_answer",
        "de",
        (
            Turn(
                "CUST-0004 und CUST-0008 sind dieselbe Müller GmbH. Führe sie zusammen, CUST-0004 bleibt mit "
                "ihren Angaben. Ich habe beide verglichen, du kannst es gleich tun.",
                (
                    Call("find_duplicate_customers"),
                    Call("merge_customers", BOTH),
                    Call("merge_customers", {**BOTH, "dry_run": False, "confirm": "CUST-0008"}),
                    Call("verify_customer_number", {"number": "CUST-0008"}),
                ),
                "CUST-0004 hat alles, CUST-0008 gibt es nicht mehr.",
                (*MERGE_SINGLY[0], *MERGE_SINGLY[1], Call("verify_customer_number", {"number": "CUST-0008"})),
            ),
        ),
        (merged("CUST-0004", "CUST-0008", **TAKEN_OVER),),
        faults=(Met(LOST, "DELETE /customer/*"),),
        agrees_to="CUST-0008",
        many=True,
        reconciles=False,
    ),
)
