"""Column headers of customer lists, in German and English."""

import re
from collections.abc import Sequence

from .folding import fold
from .validation import TEXTS

HOUSE_NUMBER = "houseNumber"

_SYNONYMS = {
    "name": "Firma, Firmenname, Unternehmen, Company, Company name, Name, Organisation, Kunde, Kundenname",
    "firstName": "Vorname, First name, Given name",
    "lastName": "Nachname, Familienname, Zuname, Last name, Surname, Family name",
    "isCompany": "Ist Firma, Ist Unternehmen, Geschäftskunde, Is company, B2B",
    "address": "Straße, Strasse, Str., Adresse, Anschrift, Straße und Hausnummer, Straße und Nr., "
    "Straße Nr., Straße/Nr., Straße Hausnummer, Straße/Hausnummer, Street, Street address, Address",
    HOUSE_NUMBER: "Hausnummer, Hausnr., Haus-Nr., House number",
    "postcode": "PLZ, Postleitzahl, Postal code, Zip, Zip code, Post code",
    "city": "Ort, Stadt, Wohnort, Town, City",
    "country": "Land, Ländercode, Länderkürzel, Country code, Country, Staat",
    "email": "E-Mail, Mail, E-Mail-Adresse, Mailadresse, Email address, E-Mail Rechnung",
    "phoneNo": "Telefon, Telefonnummer, Tel., Tel.-Nr., Fon, Rufnummer, Phone, Phone number, Telephone",
    "faxNo": "Fax, Telefax, Faxnummer, Fax number",
    "vatId": "USt-IdNr., USt-ID, USt.-ID, USt-Id-Nr., Umsatzsteuer-ID, Umsatzsteuer-Identifikationsnummer, "
    "UID, UID-Nummer, UStID-Nr, VAT ID, VAT number, VAT no., VAT",
    "taxId": "Steuernummer, Steuernr., Steuer-Nr., St.-Nr., Tax ID, Tax number",
    "customerId": "Kundennummer, Kundennr., Kunden-Nr., Kd.-Nr., KdNr, Debitor, Debitorennummer, "
    "Debitoren-Nr., Customer number, Customer no., Customer ID, Number",
    "category": "Kategorie, Kundengruppe, Gruppe, Category, Group",
    "note": "Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Kommentar, Note, Notes, Comment, Remark",
    "routeId": "Leitweg-ID, Leitweg, Leitwegnummer, Route ID",
    "peppolId": "Peppol-ID, Peppol",
    "glnId": "GLN, ILN, GLN-Nummer",
    "dunsId": "DUNS, D-U-N-S, D-U-N-S-Nummer, DUNS-Nummer",
    "supplierNumber": "Lieferantennummer, Lieferanten-Nr., Unsere Lieferantennummer, Supplier number",
    "invoiceProfile": "Rechnungsformat, Rechnungsprofil, E-Rechnungsformat, Invoice profile, Invoice format",
    "nameAuthorisedSignatory": "Zeichnungsberechtigter, Vertretungsberechtigter, Geschäftsführer, "
    "Authorised signatory",
    "title": "Titel, Title, Akademischer Titel",
    "gender": "Geschlecht, Anrede, Gender, Salutation",
}


def _key(header: str) -> str:
    return re.sub(r"[^0-9a-z]", "", fold(header))


_FIELD_BY_KEY = {_key(field): field for field in TEXTS} | {
    _key(synonym): field
    for field, synonyms in _SYNONYMS.items()
    for synonym in (field, *synonyms.split(", "))
}


def field_of(header: str) -> str | None:
    """The API's field for a column header, None if the header is unknown."""
    return _FIELD_BY_KEY.get(_key(header))


def columns(headers: Sequence[str]) -> list[str | None]:
    """The field of each column, None if unknown. `Name` next to `Firma` or `Vorname` is the family name."""
    fields = [field_of(header) for header in headers]
    next_to_company = fields.count("name") > 1
    next_to_first_name = "firstName" in fields
    if "lastName" not in fields and (next_to_company or next_to_first_name):
        return [
            "lastName" if _key(header) == "name" else field
            for header, field in zip(headers, fields, strict=True)
        ]
    return fields
