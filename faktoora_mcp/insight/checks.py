"""Checks that an accountant needs: incomplete or invalid data, and customers an e-invoice cannot reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.identifiers import check

from .normalization import compact
from .paths import text, values, verdicts

CheckName = Literal[
    "missing_vat_id", "bad_vat_id", "bad_postcode", "no_email", "not_ready_for_xrechnung",
    "not_ready_for_peppol",
]  # fmt: skip

_PLACE = ("address", "postcode", "city", "country")
_NAME = ("name", "firstName", "lastName")


@dataclass(frozen=True, slots=True)
class Check:
    """A rule in words, its fields, and a function that gives the reason why a customer is found, or None."""

    rule: str
    fields: tuple[str, ...]
    reason: Callable[[Customer], str | None]


def _missing_vat_id(customer: Customer) -> str | None:
    company = [text(value).casefold() for value in values(customer, "isCompany")] == ["true"]
    return "a company without vatId" if company and not values(customer, "vatId") else None


def _bad_vat_id(customer: Customer) -> str | None:
    """A warning about the country alone does not count: python-stdnum confirms the VAT ID."""
    return _fault(customer, "vatId", unless=_is_confirmed)


def _is_confirmed(vat_id: str) -> bool:
    number = compact(vat_id)
    swiss = number.startswith("CHE")
    return check("ch.uid" if swiss else "vatin", number[:12] if swiss else number) == "fine"


def _bad_postcode(customer: Customer) -> str | None:
    return _fault(customer, "postcode")


def _no_email(customer: Customer) -> str | None:
    return None if values(customer, "email") else "no email"


def _not_ready_for_xrechnung(customer: Customer) -> str | None:
    lacking = [_lack(customer, field) for field in ("routeId", *_PLACE)]
    if not customer.name:
        lacking.append("no name")
    if (peppol := _lack(customer, "peppolId")) and (email := _lack(customer, "email")):
        lacking.append(f"no way to deliver ({email}, {peppol})")
    return ", ".join(filter(None, lacking)) or None


def _not_ready_for_peppol(customer: Customer) -> str | None:
    return _fault(customer, "peppolId") if values(customer, "peppolId") else "no peppolId"


def _lack(customer: Customer, field: str) -> str | None:
    found = verdicts(customer, field)
    wrong = any(verdict.error for verdict in found)
    return f"invalid {field}" if wrong else None if found else f"no {field}"


def _fault(customer: Customer, field: str, *, unless: Callable[[str], bool] = lambda _: False) -> str | None:
    """The error of a filled field, or else its warnings."""
    for verdict in verdicts(customer, field):
        if verdict.error:
            return f"invalid {field}: {verdict.error}"
        if verdict.warnings and not unless(str(verdict.value)):
            return f"doubtful {field}: {'; '.join(verdict.warnings)}"
    return None


CHECKS: dict[CheckName, Check] = {
    "missing_vat_id": Check("a company without a VAT ID", ("isCompany", "vatId"), _missing_vat_id),
    "bad_vat_id": Check(
        "a VAT ID that breaks its country's rule, or whose check digit or form looks wrong",
        ("vatId", "country"),
        _bad_vat_id,
    ),
    "bad_postcode": Check(
        "a postcode that breaks its country's rule or is hardly used there",
        ("postcode", "country"),
        _bad_postcode,
    ),
    "no_email": Check("no e-mail address; those of contacts do not count", ("email",), _no_email),
    "not_ready_for_xrechnung": Check(
        "no buyer reference (routeId; XRechnung BT-10), no name (BT-44), no whole postal address (address, "
        "postcode, city, country; EN 16931 BG-8), or neither email nor peppolId to deliver to (BT-49)",
        ("routeId", *_PLACE, *_NAME, "email", "peppolId"),
        _not_ready_for_xrechnung,
    ),
    "not_ready_for_peppol": Check(
        "no Peppol participant identifier, or one that is invalid or doubtful",
        ("peppolId",),
        _not_ready_for_peppol,
    ),
}
"""By name. The sources of the field rules are named in rules/validation."""
