"""The stored record of a customer, and its representation in an answer."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias, cast
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Record: TypeAlias = dict[str, Json]

FIELDS = (
    "id", "faktooraId", "customerId", "isCompany", "name", "nameAuthorisedSignatory", "title", "gender",
    "firstName", "lastName", "address", "postcode", "city", "country", "email", "phoneNo", "faxNo",
    "vatId", "taxId", "peppolId", "glnId", "dunsId", "routeId", "supplierNumber", "invoiceProfile",
    "category", "industry", "note", "extras", "createdAt", "updatedAt",
)  # fmt: skip
ENTRY_LISTS = ("customerContacts", "deliveryAddresses")

USER: Record = {
    "id": str(uuid5(NAMESPACE_URL, "faktoora-sandbox/user")),
    "email": "buero@sandbox.example",
    "firstName": "Sandra",
    "lastName": "Beispiel",
}


def _named(kind: str, *names: str) -> dict[str, Record]:
    ids = {name: str(uuid5(NAMESPACE_URL, f"faktoora-sandbox/{kind}/{name}")) for name in names}
    return {id_: {"id": id_, "name": name} for name, id_ in ids.items()}


LEGALFORMS = _named(
    "legalform", "GmbH", "AG", "UG (haftungsbeschränkt)", "GmbH & Co. KG", "KG", "OHG", "e.K.", "GbR"
)
INVOICE_TEMPLATES = _named("invoiceTemplate", "Standard", "Behörden", "English")


def _from_catalogue(field: str, catalogue: Mapping[str, Record]) -> Callable[[Record], Json]:
    def related(record: Record) -> Json:
        id_ = record.get(field)
        return catalogue.get(id_, {"id": id_, "name": None}) if isinstance(id_, str) else None

    return related


RELATIONS: dict[str, Callable[[Record], Json]] = {
    "user": lambda _: USER,
    "legalform": _from_catalogue("legalform", LEGALFORMS),
    "importedFile": lambda record: record.get("importedFile"),
    "customerContacts": lambda record: record.get("customerContacts") or [],
    "invoiceTemplate": _from_catalogue("invoiceTemplate", INVOICE_TEMPLATES),
    "customerDeliveryAddresses": lambda record: record.get("deliveryAddresses") or [],
}


def shown(record: Record, relations: Iterable[str] = (), omitted: Collection[str] = ()) -> Record:
    """The record as the API sends it: every field, unset ones as null, and the requested relations."""
    answer = {field: record.get(field) for field in FIELDS if field not in omitted}
    return answer | {relation: RELATIONS[relation](record) for relation in relations}


def new_record(body: Record, id_: UUID, created_at: str) -> Record:
    own: Record = {
        "id": str(id_),
        "faktooraId": f"FK-{id_.hex[:8].upper()}",
        "createdAt": created_at,
        "updatedAt": created_at,
    }
    return with_entry_ids(body | own, uuid4)


def with_entry_ids(record: Record, new_id: Callable[[], UUID]) -> Record:
    """Contacts and delivery addresses keep their ids; entries without an id get one."""
    return record | {name: _identified(record[name], new_id) for name in ENTRY_LISTS if record.get(name)}


def _identified(entries: Json, new_id: Callable[[], UUID]) -> Json:
    listed = cast("list[Record]", entries)
    return [entry | {"id": entry.get("id") or str(new_id())} for entry in listed]


def now() -> str:
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
