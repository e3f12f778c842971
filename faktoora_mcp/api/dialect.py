"""What an API has shown of itself in this run: the forms it accepts, and what its search covers.

Only answers fill it; it starts with the ordered specification. Code that adapts to the API asks it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio

from faktoora_mcp.settings import FALLBACK_PAGE_SIZE, MAX_ACCOUNTS, PROOF_S, WALK_PAGE_SIZE

Item = TypeVar("Item")


@dataclass(slots=True)
class Forms:
    """The forms of one API, the same for all its accounts.

    `patch_needs_required`: a PATCH has to repeat the required fields. `clears_with_empty`: a text field is
    cleared by "" and not by null. `page_size`: customers on a page of a walk, at most.
    """

    patch_needs_required: bool = False
    clears_with_empty: bool = False
    page_size: int = WALK_PAGE_SIZE

    def limit_pages(self, size: int) -> None:
        """Learn that pages hold no more than this."""
        self.page_size = max(1, min(self.page_size, size))

    def fall_back(self) -> bool:
        """Learn that the API refuses this page size; False where it is small already."""
        smaller = self.page_size > FALLBACK_PAGE_SIZE
        self.limit_pages(FALLBACK_PAGE_SIZE)
        return smaller


@dataclass(slots=True)
class Coverage:
    """Which fields the keyword search of one account was shown to cover; proofs expire."""

    _proofs: dict[str, tuple[bool, float]] = field(default_factory=dict[str, tuple[bool, float]])

    def covers(self, subject: str) -> bool | None:
        """Whether a search for this field finds it; None where that was not tried, or too long ago."""
        covered, until = self._proofs.get(subject, (None, 0.0))
        return covered if anyio.current_time() < until else None

    def learn(self, subject: str, *, covered: bool) -> None:
        self._proofs[subject] = (covered, anyio.current_time() + PROOF_S)

    def forget(self) -> None:
        """Renew every proof before it is used again."""
        self._proofs.clear()


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of the API that a client talks to, and of its account."""

    forms: Forms = field(default_factory=Forms)
    coverage: Coverage = field(default_factory=Coverage)


class Dialects:
    """Dialects by base URL and account; the ones that were not used for longest are forgotten."""

    def __init__(self) -> None:
        self._forms = _Recent[Forms]()
        self._coverage = _Recent[Coverage]()

    def of(self, base_url: str, account: str) -> Dialect:
        forms = self._forms.get(base_url) or self._forms.put(base_url, Forms())
        coverage = self._coverage.get(account) or self._coverage.put(account, Coverage())
        return Dialect(forms, coverage)


class _Recent(Generic[Item]):
    """At most MAX_ACCOUNTS items, the recently used ones."""

    def __init__(self) -> None:
        self._items = OrderedDict[str, Item]()

    def get(self, name: str) -> Item | None:
        if name in self._items:
            self._items.move_to_end(name)
        return self._items.get(name)

    def put(self, name: str, item: Item) -> Item:
        self._items[name] = item
        if len(self._items) > MAX_ACCOUNTS:
            self._items.popitem(last=False)
        return item
