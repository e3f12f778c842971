"""The fields that identify a customer: their labels, and which of them the API's keyword search covers."""

IDS = {
    "vatId": "VAT id",
    "taxId": "tax number",
    "glnId": "GLN",
    "dunsId": "DUNS number",
    "peppolId": "Peppol id",
    "customerId": "customer number",
    "routeId": "Leitweg-ID",
}
"""Two customers with one of these in common are duplicates; of buyer references only Leitweg-IDs count."""

LABELS = IDS | {"name": "name", "email": "e-mail", "postcode": "postcode", "city": "city"}
"""What the reasons for a similarity call these fields."""

SEARCHABLE = frozenset((
    "name", "firstName", "lastName", "nameAuthorisedSignatory", "address", "postcode", "city", "email",
    "country", "customerId",
))  # fmt: skip
"""Where GET /customers looks for keywords, by the specification."""

UNSEARCHABLE_IDS = frozenset(IDS) - SEARCHABLE

PROVING = (*(field for field in IDS if field not in ("taxId", "routeId")), "email")
"""An equal value shows that a record is the one that was sent; tax numbers of two Länder can be equal, and
many customers can have one buyer reference."""
