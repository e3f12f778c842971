"""Parses the query strings of the API. Unknown parameters are refused."""

import re
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from .errors import InvalidRequestError
from .forms import Forms
from .records import RELATIONS

SORTS = (
    "customerId", "name", "nameAuthorisedSignatory", "address", "phoneNo", "category", "isCompany", "email",
    "faktooraId", "vatId", "taxId", "invoiceProfile", "supplierNumber", "routeId", "peppolId",
    "createdAt", "updatedAt",
)  # fmt: skip
DEFAULT_SORT = "createdAt"
MAX_PAGE = 10**15


@dataclass(frozen=True)
class ListQuery:
    page: int = 1
    per_page: int = 20
    sort: str = DEFAULT_SORT
    descending: bool = False
    category: str | None = None
    keywords: tuple[str, ...] = ()
    all_keywords: bool = True
    relations: tuple[str, ...] = ()


def list_query(params: QueryParams, forms: Forms) -> ListQuery:
    reader = _Reader(params)
    query = ListQuery(
        page=reader.whole_number("page", 1, MAX_PAGE),
        per_page=reader.per_page(forms),
        sort=reader.choice("sort", SORTS) or DEFAULT_SORT,
        descending=reader.choice("order", ("asc", "desc")) == "desc",
        category=reader.single("category"),
        keywords=tuple(word for word in reader.multiple("keywords[]") if word.strip()),
        all_keywords=forms.all_keywords,
        relations=reader.relations(),
    )
    reader.finish()
    return query


def record_query(params: QueryParams) -> tuple[str, ...]:
    """The relations requested for a single record."""
    reader = _Reader(params)
    relations = reader.relations()
    reader.finish()
    return relations


def number_query(params: QueryParams) -> str:
    reader = _Reader(params)
    value = reader.single("value")
    if not value:
        reader.problems.append('"value" is required')
    reader.finish()
    return value or ""


def no_query(params: QueryParams) -> None:
    _Reader(params).finish()


class _Reader:
    """Reads parameters one by one and collects all problems for one answer."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._known: set[str] = set()
        self.problems: list[str] = []

    def multiple(self, name: str) -> list[str]:
        self._known.add(name)
        return self._params.getlist(name)

    def single(self, name: str) -> str | None:
        values = self.multiple(name)
        if len(values) > 1:
            self.problems.append(f'"{name}" must be given once')
        return values[0] if values else None

    def whole_number(self, name: str, default: int, most: int) -> int:
        text = self.single(name)
        if text is None:
            return default
        number = int(text) if re.fullmatch("[0-9]{1,16}", text) else 0
        if not 1 <= number <= most:
            self.problems.append(f'"{name}" must be a whole number from 1 to {most}')
        return number

    def per_page(self, forms: Forms) -> int:
        most = MAX_PAGE if forms.over_limit == "clamp" else forms.max_per_page
        return min(self.whole_number("perPage", forms.default_per_page, most), forms.max_per_page)

    def choice(self, name: str, options: tuple[str, ...]) -> str | None:
        value = self.single(name)
        if value is not None and value not in options:
            self.problems.append(f'"{name}" must be one of {", ".join(options)}')
        return value

    def relations(self) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(self.multiple("relationFields[]")))
        if not RELATIONS.keys() >= set(wanted):
            self.problems.append(f'"relationFields[]" must be some of {", ".join(RELATIONS)}')
        return wanted

    def finish(self) -> None:
        for name in self._params:
            if name not in self._known:
                listed = f"; send it as {name}[]" if f"{name}[]" in self._known else ""
                self.problems.append(f'"{name}" is not allowed{listed}')
        if self.problems:
            raise InvalidRequestError(*self.problems)
