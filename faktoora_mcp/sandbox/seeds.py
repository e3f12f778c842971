"""Invented customers of a German office, some with typical data errors. Reproducible by seed."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from uuid import UUID

from . import check_digits
from . import seed_words as words
from .folding import fold_written_out
from .records import INVOICE_TEMPLATES, LEGALFORMS, Json, Record, new_record, timestamp, with_entry_ids
from .seed_words import Place, Vocabulary
from .store import StoredFile, insert, insert_file

FIRST_DAY = datetime(2019, 1, 2, 8, tzinfo=UTC)
DAYS = 2500
FREE_NUMBER = 42
SAMPLE_FILE_ID = "550e8400-e29b-41d4-a716-446655440000"
SAMPLE_CSV = """\
Kundennr.;Firma;Vorname;Nachname;Straße;PLZ;Ort;Land;E-Mail;Telefon;USt-IdNr.;Kategorie;Notiz
K-9001;Bäckerei Schröder GmbH;;;Mühlenstraße 4;01067;Dresden;Deutschland;\
rechnung@schroeder.example;0351 8475610;DE282518887;Stammkunde;Liefert täglich vor 6 Uhr
K-9002;Weißbach & Söhne KG;;;Gerberstraße 17;4109;Leipzig;Deutschland;;0341 2214590;DE758095794;Stammkunde;
K-9003;Großküchen Übelhör OHG;;;Am Hang 9;87435;Kempten (Allgäu);Deutschland;\
buero@uebelhoer.example;;DE123123123;Neukunde;"Anlieferung nur über den Hof
Hausmeister: Herr Jäger"
;;Jörg;Strauß;Lindenweg 2;50667;Köln;Deutschland;joerg.strauss@post.example;0221 7789120;;;
K-9005;Gasthof Löwen;;;Dorfplatz 1;6850;Dornbirn;Österreich;\
loewen@gasthof.example;05572 33410;ATU14682949;Stammkunde;
K-9006;Käserei Bühler AG;;;Bahnhofstrasse 88;9000;St. Gallen;Schweiz;info@kaeserei-buehler.example;;\
CHE-580.870.200 MWST;Neukunde;zahlt in CHF
"""

_NOT_IN_ADDRESS = re.compile("[^a-z0-9]+")
_LEGALFORM_IDS = {record["name"]: id_ for id_, record in LEGALFORMS.items()}
_TEMPLATE_IDS = tuple(INVOICE_TEMPLATES)
_KOELN = words.GERMAN[3]
_PLANNED: dict[int, Record] = {
    3: {"name": "Müller GmbH", "address": "Hohe Straße 12", "email": "info@mueller-koeln.example"},
    7: {
        "name": "Müller GmbH",
        "address": "Hohe Str. 12",
        "email": "Info@mueller-koeln.example",
        "vatId": None,
    },
    8: {"name": "Müller AG", "address": "Aachener Straße 200", "email": "kontakt@mueller-ag.example"},
}
_LEFT_BLANK = dict.fromkeys(("vatId", "peppolId", "email", "phoneNo"))
_INCOMPLETE = 5
_DOCUMENTED_ID, _DOCUMENTED_INDEX = "cust_abc123", 2
_FIRST_IN_USE, _WRONG_CHECK_DIGIT = 0, 6
_FEW_WORDS = 100
"""So many customers have common names and well-known places."""
_FAMOUS_FIRMS = re.compile("Bauer|Brandt|Braun|Egger|Fuchs|Haas|Krüger|Otto|Schwarz|Vogel|Wolff?")
"""Surnames that are the whole name of a well-known firm."""
FAMOUS_PEOPLE = {
    "Albrecht": "Karl Theo",
    "Braun": "Eva",
    "Busch": "Wilhelm",
    "Dietrich": "Marlene",
    "Fischer": "Birgit Emil Heinz Helene",
    "Groß": "Michael",
    "Heß": "Rudolf",
    "Huber": "Robert",
    "Koch": "Robert",
    "Köhler": "Horst",
    "Möller": "Andreas",
    "Richter": "Gerhard",
    "Roth": "Claudia",
    "Schmidt": "Harald Helmut",
    "Schröder": "Gerhard",
    "Schubert": "Franz",
    "Schumacher": "Michael Ralf",
    "Schwarz": "Dieter",
    "Sommer": "Michael",
    "Stein": "Edith",
    "Steiner": "Rudolf",
    "Weber": "Max",
    "Werner": "Götz",
}
"""First names that make a well-known person of somebody with this last name."""
_GERMAN_COMPANIES = {*_PLANNED, _INCOMPLETE, _FIRST_IN_USE, _WRONG_CHECK_DIGIT, _DOCUMENTED_INDEX}


def fill(connection: sqlite3.Connection, customers: int, seed: int) -> None:
    """Fills a new database with customers and the file of the specification's import example."""
    rng = Random(seed)  # noqa: S311 - invented data needs no secure randomness
    insert(connection, _customers(rng, customers))
    content = SAMPLE_CSV.replace("\n", "\r\n").encode("cp1252")
    insert_file(connection, StoredFile(SAMPLE_FILE_ID, "kunden.csv", content, timestamp(FIRST_DAY)))


def _customers(rng: Random, count: int) -> Iterator[tuple[Record, int]]:
    """Each customer with the number of invoices that use it."""
    for index in range(count):
        record = _customer(rng, index)
        created = FIRST_DAY + timedelta(days=DAYS) * ((index + rng.random()) / count)
        made = new_record(record, _uuid(rng), timestamp(created))
        made["customerId"] = f"CUST-{index + 1 + (index + 1 >= FREE_NUMBER):04d}"
        if _chance(rng, 0.4):
            made["updatedAt"] = timestamp(created + timedelta(days=rng.uniform(0.01, 300)))
        if index == _DOCUMENTED_INDEX:
            made["id"] = _DOCUMENTED_ID
        yield made, _invoices(rng, index)


def _invoices(rng: Random, index: int) -> int:
    used = index == _FIRST_IN_USE or (index not in _GERMAN_COMPANIES and _chance(rng, 0.1))
    return rng.randint(1, 12) if used else 0


def _customer(rng: Random, index: int) -> Record:
    names = words.few() if index < _FEW_WORDS else words.many()
    if index in _PLANNED:
        record = _planned(rng, _PLANNED[index])
    elif index in _GERMAN_COMPANIES:
        record = _company(rng, names, words.GERMAN[index % 4])
    elif _chance(rng, 0.07):
        record = _authority(rng, names)
    else:
        kind = _company if _chance(rng, 0.73) else _person
        record = kind(rng, names, _place(rng, names))
    if index == _INCOMPLETE:
        record |= _LEFT_BLANK
    if index == _WRONG_CHECK_DIGIT or (_chance(rng, 0.02) and record.get("country") == "DE"):
        record["vatId"] = check_digits.with_wrong_check_digit(check_digits.vat_id(rng, "DE") or "")
    return with_entry_ids(record, lambda: _uuid(rng))


def _planned(rng: Random, fixed: Record) -> Record:
    plain: Record = {"customerContacts": [], "deliveryAddresses": [], "peppolId": None, "legalform": None}
    return _company(rng, words.few(), _KOELN) | plain | fixed


def _company(rng: Random, names: Vocabulary, place: Place) -> Record:
    mark, trade = rng.choice(names.marks), rng.choice(names.trades)
    form = rng.choice(words.LEGAL_FORMS[place.country])
    patterns = (f"{mark} {trade}", f"{trade} {mark}", f"{mark} & {rng.choice(names.marks)}", mark)
    base = rng.choices(patterns, (6, 4, 3, 1))[0]
    base = f"{mark} {trade}" if _FAMOUS_FIRMS.fullmatch(base) else base
    domain = f"{_slug(base)}.example"
    vat_id = check_digits.vat_id(rng, place.country) if _chance(rng, 0.9) else None
    record = _at_place(rng, place) | _entries(rng, names, place, domain, f"{base} {form}")
    company: Record = {
        "isCompany": True,
        "name": f"{base} {form}",
        "nameAuthorisedSignatory": _full_name(rng, names) if _chance(rng, 0.5) else None,
        "email": f"{rng.choice(('info', 'rechnung', 'buchhaltung', 'kontakt'))}@{domain}",
        "vatId": vat_id,
        "taxId": check_digits.tax_number(rng) if place.country == "DE" and _chance(rng, 0.4) else None,
        "glnId": check_digits.gln(rng, place.country) if _chance(rng, 0.15) else None,
        "dunsId": check_digits.digits(rng, 9) if _chance(rng, 0.08) else None,
        "peppolId": _peppol_id(place.country, vat_id) if _chance(rng, 0.25) else None,
        "supplierNumber": f"L{check_digits.digits(rng, 5)}" if _chance(rng, 0.2) else None,
        "invoiceProfile": rng.choice(("zf:1", "zf:2", "zf:2", "xrechnung", None, None)),
        "category": rng.choice(words.CATEGORIES) if _chance(rng, 0.9) else None,
        "industry": rng.choice(words.INDUSTRIES) if _chance(rng, 0.5) else None,
        "legalform": _LEGALFORM_IDS.get(form),
    }
    return record | company


def _authority(rng: Random, names: Vocabulary) -> Record:
    place = rng.choice(names.municipalities)
    leitweg_id = check_digits.leitweg_id(rng, place.authority)
    cost_centre: Record = {"kostenstelle": check_digits.digits(rng, 4)}
    authority: Record = {
        "isCompany": True,
        "name": rng.choice(words.AUTHORITIES).format(place.city),
        "email": f"rechnungseingang@{_slug(place.city)}.example",
        "routeId": leitweg_id,
        "peppolId": f"0204:{leitweg_id}",
        "invoiceProfile": "xrechnung",
        "category": "Behörde",
        "invoiceTemplate": _TEMPLATE_IDS[1],
        "extras": cost_centre,
    }
    return _at_place(rng, place) | authority


def _person(rng: Random, names: Vocabulary, place: Place) -> Record:
    gender, first_names = rng.choice((("female", names.female), ("male", names.male)))
    first, last = _name(rng, first_names, names.surnames)
    return _at_place(rng, place) | {
        "isCompany": False,
        "firstName": first,
        "lastName": last,
        "title": rng.choice(("Dr.", "Prof. Dr.", "Dipl.-Ing.")) if _chance(rng, 0.06) else None,
        "gender": gender if _chance(rng, 0.8) else None,
        "email": f"{_slug(first)}.{_slug(last)}@post.example" if _chance(rng, 0.85) else None,
        "category": rng.choice(("Privatkunde", "Neukunde", "Gelegenheitskunde", None)),
    }


def _at_place(rng: Random, place: Place) -> Record:
    return {
        "address": _street(rng, place.country),
        "postcode": place.postcode,
        "city": place.city,
        "country": place.country,
        "phoneNo": _phone(rng, place) if _chance(rng, 0.85) else None,
        "faxNo": _phone(rng, place) if _chance(rng, 0.1) else None,
        "note": rng.choice(words.NOTES) if _chance(rng, 0.25) else None,
        "invoiceTemplate": _TEMPLATE_IDS[0] if _chance(rng, 0.2) else None,
        "extras": {"zahlungsziel": rng.choice((7, 14, 30))} if _chance(rng, 0.15) else {},
    }


def _entries(rng: Random, names: Vocabulary, place: Place, domain: str, name: str) -> Record:
    contacts: list[Json] = [
        _contact(rng, names, place, domain) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))
    ]
    addresses: list[Json] = [_address(rng, place, name) for _ in range(rng.choice((0, 0, 0, 0, 1, 2)))]
    return {"customerContacts": contacts, "deliveryAddresses": addresses}


def _address(rng: Random, place: Place, name: str) -> Record:
    return {
        "name": f"{name}, {rng.choice(words.WAREHOUSES)}",
        "address": _street(rng, place.country),
        "postcode": place.postcode,
        "city": place.city,
        "country": place.country,
    }


def _contact(rng: Random, names: Vocabulary, place: Place, domain: str) -> Record:
    first, last = _name(rng, names.first_names, names.surnames)
    return {
        "firstName": first,
        "lastName": last,
        "email": f"{_slug(first)}.{_slug(last)}@{domain}",
        "phoneNo": _phone(rng, place),
        "position": rng.choice(words.POSITIONS),
    }


def _chance(rng: Random, share: float) -> bool:
    return rng.random() < share


def _place(rng: Random, names: Vocabulary) -> Place:
    regions = (names.german, names.austrian, names.swiss, words.FOREIGN)
    return rng.choice(rng.choices(regions, (70, 12, 9, 9))[0])


def _street(rng: Random, country: str) -> str:
    number = rng.randint(1, 140)
    if country in words.FOREIGN_STREETS:
        return rng.choice(words.FOREIGN_STREETS[country]).format(number)
    streets = words.SWISS_STREETS if country in {"CH", "LI"} else words.GERMAN_STREETS
    return f"{rng.choice(streets)} {number}{'a' if _chance(rng, 0.08) else ''}"


def _phone(rng: Random, place: Place) -> str:
    return " ".join(
        filter(None, (words.DIALLING[place.country], place.dialling, check_digits.digits(rng, 7)))
    )


def _peppol_id(country: str, vat_id: str | None) -> str | None:
    scheme = {"DE": "9930", "AT": "9914"}.get(country)
    return f"{scheme}:{vat_id}" if scheme and vat_id else None


def _full_name(rng: Random, names: Vocabulary) -> str:
    return " ".join(_name(rng, names.first_names, names.surnames))


def _name(rng: Random, first_names: Sequence[str], surnames: Sequence[str]) -> tuple[str, str]:
    first, last = rng.choice(first_names), rng.choice(surnames)
    while first in FAMOUS_PEOPLE.get(last, "").split():
        last = rng.choice(surnames)
    return first, last


@lru_cache(2**14)
def _slug(text: str) -> str:
    return _NOT_IN_ADDRESS.sub("-", fold_written_out(text)).strip("-")


def _uuid(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
