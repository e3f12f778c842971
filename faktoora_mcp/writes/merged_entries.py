"""Which contacts and delivery addresses of two customers are the same."""

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from faktoora_mcp.insight.normalization import folded

from .equality import same_entry

Entry = dict[str, JsonValue]


def place_of(name: str, entry: Entry, held: Sequence[Entry]) -> int | None:
    """Where an entry of the other customer stands among those held: one that is equal, or else the same.

    A contact is the same by its e-mail or its whole name, a delivery address by its name or its place, unless
    the other of the two contradicts: several people may share an e-mail address.
    """
    equal = (at for at, other in enumerate(held) if same_entry(name, entry, _without_id(other)))
    if (place := next(equal, None)) is not None:
        return place
    rated = [(_IN_COMMON[name](entry, other), at) for at, other in enumerate(held)]
    best = max(rated, key=lambda rating: (rating[0], -rating[1]), default=(0, 0))
    return best[1] if best[0] else None


def _contacts(one: Entry, other: Entry) -> int:
    """How much two contacts have in common; 0 for two people."""
    mail, name = _equal(one, other, "email"), _equal(one, other, "firstName", "lastName")
    first, last = _contradict(one, other, "firstName"), _contradict(one, other, "lastName")
    others = first or (last and not _equal(one, other, "firstName"))
    return 0 if others or _contradict(one, other, "email") else mail + name


def _addresses(one: Entry, other: Entry) -> int:
    """How much two addresses have in common; 0 for two places."""
    name, place = _equal(one, other, "name"), _equal(one, other, "address", "postcode", "city")
    code, city = _contradict(one, other, "postcode"), _contradict(one, other, "city")
    elsewhere = code or (city and not _equal(one, other, "postcode"))
    return 0 if elsewhere or _contradict(one, other, "name") else name + place


_IN_COMMON: dict[str, Callable[[Entry, Entry], int]] = {
    "customerContacts": _contacts,
    "deliveryAddresses": _addresses,
}


def _equal(one: Entry, other: Entry, *keys: str) -> bool:
    """Whether they agree in all of the fields, at least one of which is filled."""
    mine, theirs = ([_text(entry, key) for key in keys] for entry in (one, other))
    return mine == theirs and any(mine)


def _contradict(one: Entry, other: Entry, key: str) -> bool:
    mine, theirs = _text(one, key), _text(other, key)
    return bool(mine and theirs) and mine != theirs


def _text(entry: Entry, key: str) -> str:
    return folded(str(entry.get(key) or ""))


def _without_id(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key != "id"}
