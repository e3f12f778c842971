"""The results of look-ups and writes, as facts; answers/ shapes what the agent reads."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from faktoora_mcp.rules.findings import Finding, Of
from faktoora_mcp.rules.validation import Review

from .records import Customer

Pairs = dict[str, tuple[JsonValue, JsonValue]]
Record = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Found:
    """`relations` are the requested fields of the record; the API did not give those in `not_loaded`."""

    customer: Customer
    not_loaded: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """A customer that is similar to another one; of each reason the findings belong together."""

    customer: Customer
    reasons: tuple[tuple[Finding, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """With how many of all customers (None: of an unknown number) a new one was compared.

    `only_there` names the fields that were compared with these customers only, as no search finds them.
    """

    duplicates: int
    customers: int
    total: int | None
    only_there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """`ignored` pairs the value sent with the value the API has instead; a dry run has no `customer`.

    `similar` are similar customers that did not prevent the creation, with reasons.
    """

    customer: Customer | None
    review: Review
    ignored: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    body: Record | None = None
    similar: tuple[Similar, ...] = ()
    compared: Compared | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Entries:
    """The changes of one list: entries added, changed (old and new values by what names the entry), removed.

    `back` holds the entries that restore changes and removals; `lost`: some cannot be restored.
    """

    added: list[Record]
    changed: dict[Of, Pairs]
    removed: list[Record]
    kept: int
    back: list[JsonValue]
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Updated:
    """`changed` pairs old and new values, `ignored` the value sent with the value the API has instead.

    `undo` as changes, with `undo_remove` as remove_entries, restores the old values; `warnings` name what it
    cannot restore. `body` is the request body that was sent, or that a dry run would send. `verified`: what
    is said of the record was seen in it after the change.
    """

    customer: Customer
    review: Review
    changed: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    ignored: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    entries: dict[str, Entries] = field(default_factory=dict[str, Entries])
    undo: Record = field(default_factory=dict[str, JsonValue])
    undo_remove: dict[str, list[Of]] = field(default_factory=dict[str, list[Of]])
    body: Record = field(default_factory=dict[str, JsonValue])
    dry_run: bool = False
    verified: bool = False
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """`restore` is the whole record as create_customer takes it."""

    customer: Customer
    restore: Record
    dry_run: bool = False
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A record with its `errors`, which are certain, and its `doubts`."""

    customer: Customer
    errors: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """`doubtful` lists records with what breaks a rule, or else may be wrong in them."""

    customers: list[Customer]
    doubtful: list[Doubtful]
    total_before: int | None
    warnings: tuple[Finding, ...] = ()
