"""Sixty invented firms, as customers or as a list to enter."""

from tests.faulty import Record

TRADES = ("Beratung", "Fahrräder", "Metallbau", "Reisen", "Verlag")
NAMES = (
    "Adler",
    "Brandt",
    "Conrad",
    "Dietz",
    "Ebert",
    "Fink",
    "Gerlach",
    "Hoppe",
    "Iske",
    "Jacobs",
    "Kuhn",
    "Lutz",
)


def firm(place: int, **fields: str) -> Record:
    """The firm of this number, from 0; every one has a name and an address of its own."""
    name = f"{TRADES[place % len(TRADES)]} {NAMES[place // len(TRADES)]}"
    return {
        "isCompany": True,
        "name": f"{name} GmbH",
        "address": f"Messeallee {place + 1}",
        "postcode": "04356",
        "city": "Leipzig",
        "country": "DE",
        "email": f"post@{NAMES[place // len(TRADES)].lower()}-{place}.example",
        **fields,
    }


FIRMS = [firm(place) for place in range(60)]
PROSPECTS = tuple(
    {**each, "customerId": f"L-{place:02}", "category": "Interessent", "extras": {}}
    for place, each in enumerate(FIRMS)
)
IN_DRESDEN: Record = {
    **firm(0),
    "customerId": "D-1",
    "name": "Elbsandstein Kletterhalle GmbH",
    "address": "Elbufer 3",
    "postcode": "01067",
    "city": "Dresden",
    "email": "post@kletterhalle.example",
    "category": "Interessent",
    "extras": {},
}
NUMBERS = [str(each["customerId"]) for each in PROSPECTS]
IN_MUNICH = tuple({**each, "city": "Muenchen", "postcode": "80331"} for each in PROSPECTS)
KNOWN: Record = {
    "isCompany": True,
    "name": "Müller GmbH",
    "address": "Hohe Straße 12",
    "postcode": "50667",
    "city": "Köln",
    "country": "DE",
    "email": "info@mueller-koeln.example",
}
BROKEN: Record = {
    **firm(3),
    "name": "Pfefferkorn OHG",
    "postcode": "4356",
    "email": "post@pfefferkorn.example",
}
HEADER = "Firma;Straße;PLZ;Ort;Land;E-Mail"
COLUMNS = ("name", "address", "postcode", "city", "country", "email")


def csv(records: list[Record]) -> str:
    return "\n".join([HEADER, *(";".join(str(each[name]) for name in COLUMNS) for each in records)])
