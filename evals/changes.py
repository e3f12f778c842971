"""Tasks that change customers: exactly the intended change, made once."""

import httpx

from tests.faulty import Record, broken

from .marking import OneMore, changed, created, deleted, digits, either, merged, number, says, text, unchanged
from .task import Call, Found, Met, Task, Turn

NORDLICHT: Record = {
    "isCompany": True,
    "name": "Nordlicht Segel GmbH",
    "address": "Kai 3",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "email": "rechnung@nordlicht.example",
}
BERGER_AG: Record = {
    "isCompany": True,
    "name": "Berger AG",
    "address": "Industriestraße 85",
    "postcode": "76133",
    "city": "Karlsruhe",
    "country": "DE",
}
BOTH = {
    "keep": Found(0, ("duplicates", 0, "customers", 0, "id")),
    "remove": Found(0, ("duplicates", 0, "customers", 1, "id")),
}
"""The two entries that find_duplicate_customers names."""
TAKEN_OVER: Record = {"taxId": "11/905/48738", "faxNo": "+49 221 5020380"}
MERGE_SINGLY = (
    (
        Call("find_duplicate_customers"),
        Call("get_customer", {"id": BOTH["keep"]}),
        Call("get_customer", {"id": BOTH["remove"]}),
    ),
    (
        Call("update_customer", {"id": BOTH["keep"], "changes": TAKEN_OVER}),
        Call("delete_customer", {"id": BOTH["remove"]}),
    ),
)
"""What a merge takes by hand: to show it, and to carry it out."""
ZINNOBER: Record = {
    "isCompany": True,
    "name": "Zinnober Verlag KG",
    "address": "Lindenallee 5",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "vatId": "DE123456789",
}
KRANICH: Record = {
    "isCompany": True,
    "name": "Kranich Optik GmbH",
    "address": "Seeweg 8",
    "postcode": "24103",
    "city": "Kiel",
    "country": "DE",
}
VIENNA: Record = {"address": "Mariahilfer Straße 12", "postcode": "1070", "city": "Wien", "country": "AT"}
LENA: Record = {"firstName": "Lena", "lastName": "Vogt", "email": "lena.vogt@schwarz-bueromoebel.example"}
SAMPLE_FILE = "550e8400-e29b-41d4-a716-446655440000"
IMPORTED: tuple[Record, ...] = (
    {"customerId": "K-9001"},
    {"customerId": "K-9002"},
    {"customerId": "K-9003", "vatId": "DE129273398"},
    {"firstName": "Jörg", "lastName": "Strauß"},
    {"customerId": "K-9005"},
    {"customerId": "K-9006"},
)
NEXT_NUMBER = "CUST-0059"

CHANGES = (
    Task(
        "new_company_with_the_next_number",
        "de",
        (
            Turn(
                "Neue Kundin: Nordlicht Segel GmbH, Kai 3, 20457 Hamburg, rechnung@nordlicht.example. Gib "
                "ihr die nächste Kundennummer und sag mir, welche es ist.",
                (Call("create_customer", {"customer": NORDLICHT, "assign_number": True}),),
                "Angelegt mit der Kundennummer CUST-0059.",
            ),
        ),
        (created(NORDLICHT | {"customerId": NEXT_NUMBER}), says(text(NEXT_NUMBER))),
    ),
    Task(
        "sister_firm_of_another_legal_form",
        "en",
        (
            Turn(
                "Please enter Berger AG, Industriestraße 85, 76133 Karlsruhe, Germany, with the next number. "
                "It is the sister of Berger GmbH, a firm of its own at the same address.",
                (
                    Call(
                        "create_customer",
                        {"customer": BERGER_AG, "assign_number": True, "allow_duplicate": True},
                    ),
                ),
                "Berger AG is entered as CUST-0059.",
            ),
        ),
        (created(BERGER_AG | {"customerId": NEXT_NUMBER}),),
    ),
    Task(
        "move_to_another_country",
        "de",
        (
            Turn(
                "Katharina Haas ist umgezogen: Mariahilfer Straße 12, 1070 Wien. Bitte ändern.",
                (
                    Call("list_customers", {"keywords": ["katharina", "haas"]}),
                    Call("update_customer", {"id": Found(0, ("rows", 0, 0)), "changes": VIENNA}),
                ),
                "Die Anschrift von Katharina Haas (CUST-0046) ist geändert, das Land auf Österreich.",
            ),
        ),
        (changed("CUST-0046", **VIENNA),),
    ),
    Task(
        "one_more_contact",
        "en",
        (
            Turn(
                "Lena Vogt (lena.vogt@schwarz-bueromoebel.example) is now a contact at customer CUST-0001, "
                "too. Please add her.",
                (
                    Call("get_customer", {"number": "CUST-0001"}),
                    Call(
                        "update_customer",
                        {"id": Found(0, ("customer", "id")), "changes": {"customerContacts": [LENA]}},
                    ),
                ),
                "Lena Vogt is added; the three other contacts of Schwarz Büromöbel GmbH stay.",
            ),
        ),
        (changed("CUST-0001", customerContacts=OneMore(LENA)),),
    ),
    Task(
        "delete_one_of_two_duplicates",
        "de",
        (
            Turn(
                "Ist bei uns jemand doppelt angelegt? Bitte noch nichts ändern.",
                (Call("find_duplicate_customers"),),
                "Ja, Müller GmbH in Köln: CUST-0004 und CUST-0008.",
            ),
            Turn(
                "Dann lösche bitte CUST-0008 endgültig.",
                (Call("delete_customer", {"id": Found(0, ("duplicates", 0, "customers", 1, "id"))}),),
                "Müller GmbH (CUST-0008) ist gelöscht.",
            ),
        ),
        (unchanged(turn=0), says(text("CUST-0004"), text("CUST-0008"), turn=0), deleted("CUST-0008")),
        agrees_to="CUST-0008",
    ),
    Task(
        "merge_two_entries",
        "de",
        (
            Turn(
                "CUST-0004 und CUST-0008 sind dieselbe Müller GmbH. Ich will sie zusammenführen, CUST-0004 "
                "soll mit ihren Angaben bleiben. Zeig mir erst, was sie von der anderen übernimmt.",
                (Call("find_duplicate_customers"), Call("merge_customers", BOTH)),
                "Die Steuernummer 11/905/48738 und das Fax +49 221 5020380. Es fallen weg: die andere E-Mail "
                "und Straße, ihr Rechnungsprofil und der Name ihres Zeichnungsberechtigten.",
                MERGE_SINGLY[0],
            ),
            Turn(
                "Ja, so machen.",
                (Call("merge_customers", {**BOTH, "dry_run": False, "confirm": "CUST-0008"}),),
                "Erledigt: CUST-0004 hat alles, CUST-0008 ist gelöscht.",
                MERGE_SINGLY[1],
            ),
        ),
        (
            unchanged(turn=0),
            says(text("11/905/48738"), digits("2215020380"), turn=0),
            merged("CUST-0004", "CUST-0008", **TAKEN_OVER),
        ),
        agrees_to="CUST-0008",
        many=True,
    ),
    Task(
        "doubtful_vat_id",
        "en",
        (
            Turn(
                "New customer: Zinnober Verlag KG, Lindenallee 5, 10115 Berlin, Germany, VAT ID DE123456789.",
                (Call("create_customer", {"customer": ZINNOBER}),),
                "Zinnober Verlag KG is entered, but the check digit of its VAT ID looks wrong.",
            ),
        ),
        (
            either(created(ZINNOBER), unchanged()),
            says(text("check", "checksum", "doubtful", "incorrect", "invalid", "verify", "wrong")),
        ),
    ),
    Task(
        "import_and_correct",
        "en",
        (
            Turn(
                f"The web shop's customers are uploaded, the fileId is {SAMPLE_FILE}. Import them, go ahead. "
                "The VAT ID of Großküchen Übelhör in that file is a typo, it must be DE129273398. How many "
                "are new?",
                (
                    Call("import_customers", {"file_id": SAMPLE_FILE}),
                    Call(
                        "update_customer",
                        {"id": Found(0, ("doubtful", 0, "id")), "changes": {"vatId": "DE129273398"}},
                    ),
                ),
                "6 customers are new, and the VAT ID of Großküchen Übelhör is corrected.",
            ),
        ),
        (created(*IMPORTED), says(number(6) | text("six"))),
    ),
    Task(
        "answer_to_a_creation_lost",
        "en",
        (
            Turn(
                "Please create Kranich Optik GmbH, Seeweg 8, 24103 Kiel, Germany, with the next number, and "
                "tell me which it got.",
                (
                    Call("create_customer", {"customer": KRANICH, "assign_number": True}),
                    Call("list_customers", {"keywords": [NEXT_NUMBER]}),
                ),
                "Kranich Optik GmbH is there once, as CUST-0059; the first answer got lost.",
            ),
        ),
        (created(KRANICH | {"customerId": NEXT_NUMBER}), says(text(NEXT_NUMBER))),
        faults=(Met(broken(httpx.ReadTimeout, after=True), "POST /customer"),),
        reconciles=False,
    ),
)
