"""Which field a column of a customer list holds, by its header in German or English."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from faktoora_mcp.insight.normalization import folded
from faktoora_mcp.rules.canonical import compact

from .damage import damage_of
from .rows import ADDRESS_PARTS, HOUSE_NUMBER, PO_BOX, UNTYPED_NAME, VAT_COUNTRY

HEADERS = {
    "name": "Firma, Firmenname, Firmenbezeichnung, Unternehmen, Organisation, Kunde, Kundenname, Name,"
    " Name 1, Firma 1, Name des Unternehmens, Firmierung, Name/Firma, Firma/Name, Name (Firma), Client,"
    " Client name, Company, Company name, Organization, Customer, Customer name,"
    " Name (Adressattyp Unternehmen)",
    "firstName": "Vorname, First name, Given name, Forename, Vorname (Adressattyp natürl. Person)",
    "lastName": "Nachname, Familienname, Zuname, Last name, Surname, Family name,"
    " Name (Adressattyp natürl. Person)",
    UNTYPED_NAME: "Name (Adressattyp keine Angabe)",
    "isCompany": "Firma ja/nein, Firma (ja/nein), Ist Firma, Ist Unternehmen, Geschäftskunde, Kundenart,"
    " Kundentyp, Art des Kunden, Privat/Gewerblich, Privat/Firma,"
    " Customer type, Is company, B2B, B2B/B2C",
    "address": "Straße, Str., Straße und Hausnummer, Straße + Hausnummer, Straße und Nr., Straße Nr.,"
    " Straße Hausnummer, Straße Hausnr., Str. Hausnr., Str. Nr., Straße 1, Adresse, Adresse 1, Adresszeile 1,"
    " Anschrift, Anschrift 1, Rechnungsadresse,"
    " Street, Street address, Street and number, Street name, Address, Address 1,"
    " Address line 1",
    HOUSE_NUMBER: "Hausnummer, Hausnr., Haus-Nr., HNr., House number, House no., Street number",
    PO_BOX: "Postfach, PO box, P.O. box",
    "postcode": "PLZ, Postleitzahl, Zip, Zip code, Postal code, Post code, Postal/Zip code",
    "city": "Ort, Stadt, Wohnort, Ortsname, Ortschaft, Gemeinde, City, Town, City/Town",
    "country": "Land, Staat, Ländercode, Länderkürzel, Länderkennzeichen, Landeskennzeichen, Landescode,"
    " Land (ISO), ISO-Land, Ländercode (ISO), Country, Country code, Country (ISO), ISO code",
    "email": "E-Mail, E-Mail-Adresse, E-Mail 1, Mail, Mailadresse, Email address",
    "phoneNo": "Telefon, Telefonnummer, Telefonnr., Telefon 1, Tel., Tel.-Nr., Fon, Rufnummer, Festnetz,"
    " Telefon geschäftlich, Tel. geschäftlich, Telefon (Büro), Phone,"
    " Phone number, Phone no., Telephone, Telephone number",
    "faxNo": "Fax, Telefax, Telefaxnummer, Faxnummer, Fax-Nr., Fax number, Fax no.",
    "customerId": "Kundennummer, Kundennr., Kunden-Nr., Kd.-Nr., Kd-Nummer, Kunde-Nr., Kunden-ID,"
    " Customer number,"
    " Customer no., Customer nr., Customer ID",
    "vatId": "USt-IdNr., USt-ID, USt-Id-Nr., UStID-Nummer, Umsatzsteuer-ID, Umsatzsteuer-IdNr.,"
    " Umsatzsteuer-Identifikationsnummer, Umsatzsteueridentnummer, USt-Identnummer, ATU-Nummer, EU-UStID,"
    " UID, UID-Nummer, UID-Nr., VAT, VAT ID, VAT no.,"
    " VAT number, VAT reg. no., VATIN",
    VAT_COUNTRY: "EU-Land",
    "taxId": "Steuernummer, Steuer-Nr., St.-Nr., StNr., Tax ID, Tax number, Tax no.",
    "glnId": "GLN, GLN-Nummer, GLN-Nr., ILN, ILN/GLN",
    "dunsId": "D-U-N-S, DUNS, D-U-N-S-Nummer, D-U-N-S number, DUNS no.",
    "routeId": "Leitweg-ID, Leitweg, Leitwegnummer, Käuferreferenz, Buyer reference, Route ID",
    "peppolId": "Peppol-ID, Peppol, Peppol participant ID",
    "invoiceProfile": "Rechnungsformat, Rechnungsprofil, E-Rechnungsformat, Invoice profile, Invoice format",
    "category": "Kategorie, Kundengruppe, Gruppe, Category, Group, Customer group",
    "supplierNumber": "Lieferantennummer, Lieferanten-Nr., Unsere Lieferantennummer, Supplier number,"
    " Supplier no., Vendor number",
    "nameAuthorisedSignatory": "Zeichnungsberechtigter, Vertretungsberechtigter, Geschäftsführer,"
    " Authorised signatory, Authorized signatory",
    "title": "Titel, Akademischer Titel, Titel/Akad. Grad, Title",
    "gender": "Anrede, Geschlecht, Salutation, Gender",
    "note": "Bemerkung, Bemerkungen, Notiz, Notizen, Interne Notiz, Anmerkung, Kommentar, Note, Notes,"
    " Remark, Comment",
    "legalform": "",
    "industry": "",
    "extras": "",
}
"""Headers that German and English offices use, by field. A field's own name is recognised as well."""
SECOND_CHOICE = {
    "customerId": "Debitor, Debitor-Nr., Debitorennummer, Debitoren-Nr., Debitorkonto, Debitorenkonto,"
    " Deb.-Nr., Kundenkonto, Kontonummer Debitor, Debtor number, Debtor no., Account number,"
    " Kunden-/Lief.-Nr.",
    "phoneNo": "Mobil, Mobilfunk, Mobiltelefon, Mobilnummer, Handy, Handynummer, Telefon 2, Mobile,"
    " Mobile phone, Cell phone",
    "email": "E-Mail 2, E-Mail Rechnung, Rechnungs-E-Mail, E-Mail privat, Invoice email",
    "faxNo": "Fax 2",
    "name": "Kurzbezeichnung, Kurzname",
}
"""Headers that count where no column has one of the first choice."""
_CHOSEN, _FIRST, _SECOND = range(3)
_LOST = re.compile("[?\ufffd]+(?=.)")
_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """A header and the field that it would be.

    `read` is false where the column with the header `instead` is read; in a `conflict` both claim it equally.
    """

    header: str
    field: str | None
    read: bool
    instead: str | None = None
    conflict: bool = False


Claim = tuple[str | None, int]
"""A field and the rank of a header for it: the lowest is read, and of equals the first."""


def field_of(header: str) -> str | None:
    """The field that a header names."""
    return _claim_of(header)[0]


def columns_of(headers: Sequence[str], overrides: Mapping[str, str] | None = None) -> tuple[Column, ...]:
    """The columns under these headers. `Name` beside `Firma` or `Vorname` means the family name.

    `overrides` names fields by header, before anything else; "" leaves a column out.
    """
    claims = [*_claims(headers, overrides or {})]
    best: dict[str | None, int] = {}
    for place, (field, rank) in enumerate(claims):
        if field not in best or rank < claims[best[field]][1]:
            best[field] = place
    return tuple(
        _column(header, claim, place == best[claim[0]], headers[best[claim[0]]], claims[best[claim[0]]])
        for place, (header, claim) in enumerate(zip(headers, claims, strict=True))
    )


def missing_fields(columns: Sequence[Column]) -> list[str]:
    """The fields that every customer needs and no column holds."""
    present = {column.field for column in columns}
    return [field for field in ADDRESS_PARTS if field not in present]


def is_datev(headers: Sequence[str]) -> bool:
    """Whether these are headers of DATEV's debtors and creditors."""
    keys = {*map(_key, headers)}
    return _key("Konto") in keys and any(key.startswith(_key("Name Adressattyp")) for key in keys)


def is_account(header: str, *, sure: bool = False) -> bool:
    """Whether a header may name the account of a customer in a ledger, or surely does."""
    return _key(header) == _key("Konto") or (not sure and _key(header) in _ACCOUNTS)


def _claims(headers: Sequence[str], overrides: Mapping[str, str]) -> Iterator[Claim]:
    named = [*map(_claim_of, headers)]
    fields = [field for field, rank in named if rank == _FIRST]
    family = "lastName" not in fields and ("firstName" in fields or fields.count("name") > 1)
    meanings = {_key("Name"): "lastName"} if family else {}
    rank = _FIRST if is_datev(headers) else _SECOND
    if not {*map(_key, headers)} & _BANK:
        meanings[_key("Konto")] = "customerId"
    for header, claim in zip(headers, named, strict=True):
        if header in overrides:
            yield overrides[header] or None, _CHOSEN
        else:
            meaning = meanings.get(_key(header))
            yield (meaning, rank if meaning == "customerId" else _FIRST) if meaning else claim


def _column(header: str, claim: Claim, is_best: bool, best_header: str, best: Claim) -> Column:  # noqa: FBT001 (two facts about one header)
    field, rank = claim
    if field is None or is_best:
        return Column(header, field, read=field is not None)
    return Column(header, field, read=False, instead=best_header, conflict=rank == best[1])


def _claim_of(header: str) -> Claim:
    """By the header as it is, or as it was before it was damaged."""
    key = _key(header)
    if key in _CLAIMS or header.isascii():
        return _CLAIMS.get(key) or _by_lost_characters(header)
    damage = damage_of("", header)
    return _CLAIMS.get(_key(damage.repair or "") if damage else key) or _by_lost_characters(header)


@lru_cache(maxsize=_CACHED)
def _by_lost_characters(header: str) -> Claim:
    """The only claim that a header can have been whose letters outside ASCII were lost: `Stra?e`."""
    parts = [_key(part) for part in _LOST.split(header)]
    form = re.compile(".{1,2}".join(map(re.escape, parts)))
    meant = (
        {claim for key, claim in _CLAIMS.items() if form.fullmatch(key)} if len(parts) > 1 else set[Claim]()
    )
    return meant.pop() if len(meant) == 1 and any(parts) else (None, _FIRST)


def _key(header: str) -> str:
    return compact(folded(header))


_CLAIMS: dict[str, Claim] = {
    _key(header): (field, rank)
    for table, rank in ((SECOND_CHOICE, _SECOND), (HEADERS, _FIRST))
    for field, headers in table.items()
    for header in (field, *headers.split(", "))
    if header
}
_ACCOUNTS = frozenset(map(_key, SECOND_CHOICE["customerId"].split(", ")))
_BANK = frozenset(map(_key, ("Bank", "Bankname", "IBAN", "BIC", "BLZ", "Bankleitzahl", "Kontoinhaber")))
"""Beside them Konto is a customer's bank account."""
