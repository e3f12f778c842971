"""The results of merging two customers, as facts; answers/ shapes what the agent reads."""

from dataclasses import dataclass

from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.rules.findings import Finding

from .outcomes import Deleted, Pairs, Record, Updated
from .records import Customer


@dataclass(frozen=True, slots=True)
class Union:
    """Two records as one: what differs from the kept record is in `changes`, whole lists and extras included.

    By path (`extras.KEY`): `kept` values stay, `filled` ones come from the other, `joined` ones are of both;
    `conflicts` pair the value that stays with the one that goes, in entries as `customerContacts.0.phoneNo`.
    """

    kept: Record
    filled: Record
    joined: Record
    conflicts: Pairs
    changes: Record


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge would do: how the records are united, and what that changes in the kept one."""

    keep: Customer
    remove: Customer
    union: Union
    update: Updated
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of both: without `deleted` the other customer was not deleted, or that is not known.

    `failure` says why; it is OutcomeUnknown where the deletion may have been carried out. `is_held`: the kept
    customer was seen to hold everything.
    """

    merging: Merging
    updated: Updated
    deleted: Deleted | None = None
    failure: FaktooraError | None = None
    is_held: bool = True
