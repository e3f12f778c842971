"""The points on which versions of the API differ: the ordered specification and the vendor's newer pages."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["documented", "current"]

NAMES = ("name", "firstName", "lastName", "nameAuthorisedSignatory")
PLACES = ("address", "postcode", "city", "email", "country", "customerId")


@dataclass(frozen=True, kw_only=True)
class Forms:
    """One API, as a combination of forms. The defaults are those of the ordered specification."""

    patch_needs_required: bool = False
    """PATCH needs all required fields, as POST does."""
    edits_is_company: bool = True
    """PATCH changes isCompany; otherwise it accepts and ignores it."""
    clears_with: Literal["null", "empty"] = "null"
    """What clears a text field. With "empty", null is refused in text fields and lists; [] clears a list."""
    default_per_page: int = 20
    max_per_page: int = 100
    over_limit: Literal["refuse", "clamp"] = "refuse"
    """What happens to a perPage above the maximum."""
    search_fields: tuple[str, ...] = (*NAMES, *PLACES)
    """The fields that keywords are searched in."""
    folds: bool = True
    """The search ignores accents and the spelling of umlauts; it always ignores case."""


DOCUMENTED = Forms()
CURRENT = Forms(
    patch_needs_required=True,
    edits_is_company=False,
    clears_with="empty",
    default_per_page=25,
    max_per_page=1000,
    over_limit="clamp",
    search_fields=("name", "nameAuthorisedSignatory", *PLACES),
    folds=False,
)


def forms_of(dialect: Dialect) -> Forms:
    """The forms of CUSTOMERS_API.md (`documented`) or of the vendor's newer pages (`current`)."""
    return CURRENT if dialect == "current" else DOCUMENTED
