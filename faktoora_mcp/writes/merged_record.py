"""Two records made one: what the kept one lacks comes from the other; conflicts are named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from pydantic import JsonValue

from faktoora_mcp.api.merge_outcomes import Union
from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.api.outcomes import Pairs, Record
from faktoora_mcp.insight.normalization import folded
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.text import trimmed

from .equality import is_blank, same
from .merged_entries import Entry, united_entries

Side = Literal["keep", "remove"]
Preferred = Mapping[str, Side]
NUMBER, NOTE, EXTRAS = "customerId", "note", "extras"
VALUES = tuple(name for name in WRITABLE if name not in (NUMBER, NOTE, EXTRAS, *ENTRY_FIELDS))
"""Fields of which one value stays."""
PREFERABLE = (*VALUES, EXTRAS, *ENTRY_FIELDS)
BELONGS_TO = {
    "address": ("postcode", "city"),
    "postcode": ("city",),
    "city": ("postcode",),
    "country": ("postcode", "city"),
    "firstName": ("lastName",),
    "lastName": ("firstName",),
    "title": ("firstName", "lastName"),
    "gender": ("firstName", "lastName"),
}
"""A value is not filled in beside those of another place or person."""


def united(keep: Record, remove: Record, prefer: Preferred) -> Union:
    """Unite two records; `prefer` names by path whose value wins a conflict."""
    draft = _Draft(keep, remove, prefer)
    for name in VALUES:
        draft.take_value(name)
    draft.take_extras()
    draft.take_note()
    for name in ENTRY_FIELDS:
        draft.take_entries(name)
    return Union(draft.kept, draft.filled, draft.joined, draft.conflicts, draft.changes)


@dataclass(slots=True)
class _Draft:
    keep: Record
    remove: Record
    prefer: Preferred
    kept: Record = field(default_factory=dict[str, JsonValue])
    filled: Record = field(default_factory=dict[str, JsonValue])
    joined: Record = field(default_factory=dict[str, JsonValue])
    conflicts: Pairs = field(default_factory=dict[str, tuple[JsonValue, JsonValue]])
    changes: Record = field(default_factory=dict[str, JsonValue])

    def take_value(self, name: str) -> None:
        mine, theirs = self.keep.get(name), self.remove.get(name)
        value = self._decided(name, mine, theirs, fits=self._fits(name))
        if value is not mine:
            self.changes[name] = value

    def take_extras(self) -> None:
        mine, theirs = self.keep.get(EXTRAS), self.remove.get(EXTRAS)
        if not all(isinstance(side, dict) or is_blank(side) for side in (mine, theirs)):
            self.take_value(EXTRAS)
            return
        held, others = cast("Record", mine or {}), cast("Record", theirs or {})
        made = {key: self._extra(key, held.get(key), others.get(key)) for key in {**held, **others}}
        if news := {key: value for key, value in made.items() if value is not held.get(key)}:
            self.changes[EXTRAS] = {**held, **news}

    def take_note(self) -> None:
        mine, theirs = self.keep.get(NOTE), self.remove.get(NOTE)
        if not (isinstance(mine, str) and isinstance(theirs, str)) or is_blank(mine) or is_blank(theirs):
            self.take_value(NOTE)
        elif {*_lines(theirs)} <= {*_lines(mine)}:
            self.kept[NOTE] = mine
        else:
            self.joined[NOTE] = self.changes[NOTE] = _joined(mine, theirs)

    def take_entries(self, name: str) -> None:
        held, others = (cast("list[Entry]", side.get(name) or []) for side in (self.keep, self.remove))
        made, conflicts = united_entries(name, held, others, preferred=self.prefer.get(name) == "remove")
        self.conflicts |= conflicts
        if made != held:
            self.changes[name] = cast("JsonValue", made)
        elif held:
            self.kept[name] = cast("JsonValue", held)

    def _decided(
        self, path: str, mine: JsonValue, theirs: JsonValue, *, fits: bool = True, side: Side | None = None
    ) -> JsonValue:
        """The value that stays, noted as kept, filled or in conflict."""
        side = side or self.prefer.get(path)
        if is_blank(theirs) or same(path, mine, theirs):
            if not is_blank(mine):
                self.kept[path] = mine
            return mine
        if is_blank(mine) and (side == "remove" or (fits and side is None)):
            self.filled[path] = theirs
            return theirs
        stays, goes = (theirs, mine) if side == "remove" else (mine, theirs)
        self.conflicts[path] = (stays, goes)
        return stays

    def _extra(self, key: str, mine: JsonValue, theirs: JsonValue) -> JsonValue:
        path = f"{EXTRAS}.{key}"
        return self._decided(path, mine, theirs, side=self.prefer.get(path) or self.prefer.get(EXTRAS))

    def _fits(self, name: str) -> bool:
        """Whether the other's value belongs beside the values that stay."""
        return not any(
            self._differ(other) and self.prefer.get(other) != "remove" for other in BELONGS_TO.get(name, ())
        )

    def _differ(self, name: str) -> bool:
        mine, theirs = (str(side.get(name) or "") for side in (self.keep, self.remove))
        return bool(trimmed(mine) and trimmed(theirs)) and folded(mine) != folded(theirs)


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := trimmed(each))]


def _joined(mine: str, theirs: str) -> str:
    return theirs if {*_lines(mine)} <= {*_lines(theirs)} else f"{mine.rstrip()}\n{theirs}"
