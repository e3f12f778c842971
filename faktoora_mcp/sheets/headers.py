"""Which field a column of a customer list holds, by its header in German or English."""

from collections.abc import Sequence
from dataclasses import dataclass

from faktoora_mcp.insight.normalization import folded
from faktoora_mcp.rules.canonical import compact

from .rows import ADDRESS_PARTS, HOUSE_NUMBER

HEADERS = {
    "name": "Firma, Firmenname, Firmenbezeichnung, Unternehmen, Organisation, Kunde, Kundenname, Name,"
    " Name 1, Company, Company name, Organization, Customer, Customer name",
    "firstName": "Vorname, First name, Given name, Forename",
    "lastName": "Nachname, Familienname, Zuname, Last name, Surname, Family name",
    "isCompany": "Firma ja/nein, Firma (ja/nein), Ist Firma, Ist Unternehmen, Geschäftskunde, Kundenart,"
    " Kundentyp, Is company, B2B",
    "address": "Straße, Str., Straße und Hausnummer, Straße + Hausnummer, Straße und Nr., Straße Nr.,"
    " Straße Hausnummer, Straße Hausnr., Adresse, Anschrift, Street, Street address, Address, Address line 1",
    HOUSE_NUMBER: "Hausnummer, Hausnr., Haus-Nr., HNr., House number, House no., Street number",
    "postcode": "PLZ, Postleitzahl, Zip, Zip code, Postal code, Post code",
    "city": "Ort, Stadt, Wohnort, Ortsname, City, Town",
    "country": "Land, Staat, Ländercode, Länderkürzel, Länderkennzeichen, Country, Country code",
    "email": "E-Mail, E-Mail-Adresse, Mail, Mailadresse, Email address",
    "phoneNo": "Telefon, Telefonnummer, Telefonnr., Tel., Tel.-Nr., Fon, Rufnummer, Phone, Phone number,"
    " Phone no., Telephone, Telephone number",
    "faxNo": "Fax, Telefax, Faxnummer, Fax-Nr., Fax number, Fax no.",
    "customerId": "Kundennummer, Kundennr., Kunden-Nr., Kd.-Nr., Kd-Nummer, Debitor, Debitorennummer,"
    " Debitoren-Nr., Debitorenkonto, Customer number, Customer no., Customer nr., Customer ID",
    "vatId": "USt-IdNr., USt-ID, USt-Id-Nr., UStID-Nummer, Umsatzsteuer-ID, Umsatzsteuer-IdNr.,"
    " Umsatzsteuer-Identifikationsnummer, UID, UID-Nummer, UID-Nr., VAT, VAT ID, VAT no., VAT number, VATIN",
    "taxId": "Steuernummer, Steuer-Nr., St.-Nr., StNr., Tax ID, Tax number, Tax no.",
    "glnId": "GLN, GLN-Nummer, ILN",
    "dunsId": "D-U-N-S, DUNS, D-U-N-S-Nummer, D-U-N-S number, DUNS no.",
    "routeId": "Leitweg-ID, Leitweg, Leitwegnummer, Käuferreferenz, Buyer reference, Route ID",
    "peppolId": "Peppol-ID, Peppol, Peppol participant ID",
    "invoiceProfile": "Rechnungsformat, Rechnungsprofil, E-Rechnungsformat, Invoice profile, Invoice format",
    "category": "Kategorie, Kundengruppe, Gruppe, Category, Group, Customer group",
    "supplierNumber": "Lieferantennummer, Lieferanten-Nr., Supplier number, Supplier no., Vendor number",
    "nameAuthorisedSignatory": "Zeichnungsberechtigter, Vertretungsberechtigter, Geschäftsführer,"
    " Authorised signatory, Authorized signatory",
    "title": "Titel, Akademischer Titel, Title",
    "gender": "Anrede, Geschlecht, Salutation, Gender",
    "note": "Bemerkung, Bemerkungen, Notiz, Notizen, Anmerkung, Kommentar, Note, Notes, Remark, Comment",
}
"""Headers that German and English offices use, by field. A field's own name is recognised as well."""


@dataclass(frozen=True, slots=True)
class Column:
    """A header and the field it names. `read` is false if an earlier column names the same field."""

    header: str
    field: str | None
    read: bool


def field_of(header: str) -> str | None:
    """The field that a header names."""
    return _FIELDS.get(_key(header))


def columns_of(headers: Sequence[str]) -> tuple[Column, ...]:
    """The columns under these headers. `Name` beside `Firma` or `Vorname` means the family name."""
    fields = [field_of(header) for header in headers]
    if "lastName" not in fields and ("firstName" in fields or fields.count("name") > 1):
        fields = [
            "lastName" if _key(header) == _key("Name") else field
            for header, field in zip(headers, fields, strict=True)
        ]
    first = {field: place for place, field in reversed([*enumerate(fields)])}
    return tuple(
        Column(header, field, field is not None and first[field] == place)
        for place, (header, field) in enumerate(zip(headers, fields, strict=True))
    )


def missing_fields(columns: Sequence[Column]) -> list[str]:
    """The fields that every customer needs and no column holds."""
    present = {column.field for column in columns}
    return [field for field in ADDRESS_PARTS if field not in present]


def _key(header: str) -> str:
    return compact(folded(header))


_FIELDS = {
    _key(header): field for field, headers in HEADERS.items() for header in (field, *headers.split(", "))
}
