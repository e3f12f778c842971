"""What came of a look-up or a write, as facts; summaries.py turns them into answers."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from faktoora_mcp.rules.validation import Review

from .records import Customer

Pairs = dict[str, tuple[JsonValue, JsonValue]]
Record = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Found:
    """`relations` were asked for, by their names in a record; those in `not_loaded` the API does not give."""

    customer: Customer
    not_loaded: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """`ignored` holds what was sent and what the API holds instead; a dry run has no `customer`.

    `similar` are similar customers that did not prevent the creation, with reasons. `compared_with` says
    with how many customers the ids were compared, where not with all.
    """

    customer: Customer | None
    review: Review
    ignored: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    body: Record | None = None
    similar: tuple[Record, ...] = ()
    compared_with: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entries:
    """What became of one list: entries added, changed (old and new fields by what they are called), removed.

    `back` holds the entries that restore what was changed or removed; `lost` says why some are not there.
    """

    added: list[Record]
    changed: dict[str, Pairs]
    removed: list[Record]
    kept: int
    back: list[JsonValue]
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """`changed` holds old and new values, `ignored` what was sent and what the API holds instead.

    `undo` restores what was when sent as changes, with `undo_remove` as remove_entries; what it cannot
    restore is named in `warnings`. `body` is what was sent, or would be in a dry run.
    """

    customer: Customer
    review: Review
    changed: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    ignored: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    entries: dict[str, Entries] = field(default_factory=dict[str, Entries])
    undo: Record = field(default_factory=dict[str, JsonValue])
    undo_remove: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    body: Record = field(default_factory=dict[str, JsonValue])
    dry_run: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """`restore` is the whole record in the form that create_customer takes."""

    customer: Customer
    restore: Record
    dry_run: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """`doubtful` names records that break a rule or deserve a look, with the reasons."""

    customers: list[Customer]
    doubtful: list[tuple[Customer, list[str]]]
    total_before: int | None
    warnings: tuple[str, ...] = ()
