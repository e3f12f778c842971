"""The points on which versions of the API differ: the ordered specification and the vendor's newer pages."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["documented", "current"]

_NAMES = ("name", "firstName", "lastName", "nameAuthorisedSignatory")
_PLACES = ("address", "postcode", "city", "email", "country", "customerId")


@dataclass(frozen=True, kw_only=True)
class Forms:
    """One version of the API as a combination of forms; by default that of the ordered specification."""

    patch_needs_required: bool = False
    """PATCH needs every required field, as POST does."""
    edits_is_company: bool = True
    """PATCH changes isCompany; otherwise isCompany is accepted and ignored."""
    clears_with: Literal["null", "empty"] = "null"
    """What clears a text field. With "empty", null is refused in text fields and lists; [] clears a list."""
    shows_cleared_as: Literal["null", "empty"] = "null"
    """How a record shows a text field that was cleared by an empty text."""

    default_per_page: int = 20
    max_per_page: int = 100
    over_limit: Literal["refuse", "clamp"] = "refuse"
    """What happens to a perPage above the maximum."""
    envelope: Literal["data", "results", "bare"] = "data"
    """A page is {"data", "meta"}, {"results", "pagination"}, or an array with the header X-Total-Count."""

    search_fields: tuple[str, ...] = (*_NAMES, *_PLACES)
    """The fields that keywords are searched in."""
    folds: bool = True
    """The search ignores accents and finds umlauts in every spelling; it always ignores case."""
    all_keywords: bool = True
    """Every keyword must match; otherwise one of them is enough."""

    relations_on_get: bool = True
    """GET /customer/{id} answers relationFields[]; otherwise it ignores them."""
    omitted_on_get: tuple[str, ...] = ()
    """Fields that a single record lacks, also as the answer of a write."""
    omitted_in_list: tuple[str, ...] = ()
    """Fields that a record of a page lacks."""

    error_body: Literal["errors", "code"] = "errors"
    """{"errors": [{"code", "message"}]}, or {"code", "statusCode", "message"}."""
    unknown_id_status: Literal[404, 400] = 404
    invalid_status: Literal[400, 422] = 400
    """The status of a request that is not valid."""

    soft_delete: bool = False
    """A deleted customer is hidden, not erased. Its number is free again."""
    number_from_count: bool = False
    """generate-number counts the customers, hidden ones included, and adds one. The number may be taken."""

    upload: bool = False
    """POST /customers/import/upload exists."""
    apikeys: bool = False
    """GET /apikeys exists."""
    key_days_left: int = 90
    """In how many days the key of the request expires, by GET /apikeys."""


DOCUMENTED = Forms()
CURRENT = Forms(
    patch_needs_required=True,
    edits_is_company=False,
    clears_with="empty",
    default_per_page=25,
    max_per_page=1000,
    over_limit="clamp",
    search_fields=("name", "nameAuthorisedSignatory", *_PLACES),
    folds=False,
    error_body="code",
    soft_delete=True,
    number_from_count=True,
    upload=True,
    apikeys=True,
)


def forms_of(dialect: Dialect) -> Forms:
    """The forms of the ordered specification (`documented`) or of the vendor's newer pages (`current`)."""
    return CURRENT if dialect == "current" else DOCUMENTED
