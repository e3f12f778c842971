"""What the server claimed about writes, and whether the stored customers agree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

CERTAIN = frozenset({
    *("not_created", "invalid_input", "not_found", "duplicate", "busy", "conflict", "state_unavailable"),
    *("http 429", "http 503"),
})  # fmt: skip
"""Errors after which nothing was changed; a proxy answers 503 before it has reached a server."""


@dataclass(slots=True)
class Claim:
    """One wanted customer: a tag, what was claimed last, and what else may have become true meanwhile.

    `notes` are the values that its note may have, at first none; `open`: a write of it has no known outcome.
    """

    tag: str
    state: str = "asked"
    id: str = ""
    notes: set[str | None] = field(default_factory=lambda: {None})
    open: bool = False

    def created(self, error: str, customer_id: str) -> None:
        self.state, self.id = ("created", customer_id) if not error else ("none", "")
        self.open = bool(error) and error not in CERTAIN

    def updated(self, note: str, error: str) -> None:
        if not error and not self.open:
            self.notes = {note}
        elif error not in CERTAIN:
            self.notes.add(note)
            self.open = self.open or bool(error)

    def deleted(self, error: str) -> None:
        if not error:
            self.state = "deleted"
        elif error not in CERTAIN:
            self.open = True


def disagreements(claims: Iterable[Claim], stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each claim that the stored customers contradict; its category is the tag."""
    by_tag: dict[str, list[Mapping[str, Any]]] = {}
    for record in stored:
        by_tag.setdefault(str(record.get("category")), []).append(record)
    checked = ((claim, by_tag.get(claim.tag, [])) for claim in claims)
    return [
        f"{claim.tag} {claim.state}: {problem}"
        for claim, found in checked
        if (problem := _problem(claim, found))
    ]


def _problem(claim: Claim, found: list[Mapping[str, Any]]) -> str:
    if len(found) > 1:
        return f"{len(found)} customers"
    if claim.state == "created" and not claim.open and not found:
        return "is missing"
    if claim.state in ("none", "deleted") and not claim.open and found:
        return "is there all the same"
    if found and claim.state == "created" and (found[0].get("note") or None) not in claim.notes:
        return f"has the note {found[0].get('note')!r}, not one of {sorted(map(str, claim.notes))}"
    return ""
