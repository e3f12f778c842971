"""Checks that an accountant needs: incomplete or invalid data, and customers an e-invoice cannot reach."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from faktoora_mcp.api.records import Customer
from faktoora_mcp.rules.canonical import compact
from faktoora_mcp.rules.check_digits import check
from faktoora_mcp.rules.findings import Finding, found
from faktoora_mcp.rules.placeholders import is_placeholder
from faktoora_mcp.rules.validation import Verdict

from .paths import text, values, verdicts

CheckName = Literal[
    "missing_vat_id", "bad_vat_id", "bad_postcode", "no_email", "not_ready_for_xrechnung",
    "not_ready_for_peppol",
]  # fmt: skip

_PLACE = ("address", "postcode", "city", "country")
_NAME = ("name", "firstName", "lastName")
Reason = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule in words, its fields, and a function that gives the reasons why a customer is found, or none."""

    rule: str
    fields: tuple[str, ...]
    reason: Callable[[Customer], Reason]


def _missing_vat_id(customer: Customer) -> Reason:
    company = [text(value).casefold() for value in values(customer, "isCompany")] == ["true"]
    return (found("company_without_vat_id", "vatId"),) if company and not _has(customer, "vatId") else ()


def _bad_vat_id(customer: Customer) -> Reason:
    """A warning about the country alone does not count: python-stdnum confirms the VAT ID."""
    return _fault(customer, "vatId", unless=_is_confirmed)


def _is_confirmed(vat_id: str) -> bool:
    number = compact(vat_id)
    swiss = number.startswith("CHE")
    return check("ch.uid" if swiss else "vatin", number[:12] if swiss else number) == "fine"


def _bad_postcode(customer: Customer) -> Reason:
    return _fault(customer, "postcode")


def _no_email(customer: Customer) -> Reason:
    return () if _has(customer, "email") else (_lacking("email"),)


def _not_ready_for_xrechnung(customer: Customer) -> Reason:
    lacking = [_lack(customer, field) for field in ("routeId", *_PLACE)]
    if not _has(customer, "name"):
        lacking.append(_lacking("name"))
    if (peppol := _lack(customer, "peppolId")) and (email := _lack(customer, "email")):
        lacking.append(found("undeliverable", email=email, peppol=peppol))
    return tuple(filter(None, lacking))


def _not_ready_for_peppol(customer: Customer) -> Reason:
    return _fault(customer, "peppolId") if _has(customer, "peppolId") else (_lacking("peppolId"),)


def _lacking(field: str) -> Finding:
    return found("lacks", field, field=field)


def _lack(customer: Customer, field: str) -> Finding | None:
    judged = _judged(customer, field)
    if any(verdict.error for verdict in judged):
        return found("is_invalid", field, field=field)
    doubts = tuple(chain.from_iterable(verdict.warnings for verdict in judged))
    if doubts:
        return found("is_doubtful", field, field=field, warnings=doubts)
    return None if judged else _lacking(field)


def _has(customer: Customer, field: str) -> bool:
    """Whether it is filled, with more than a placeholder."""
    return any(not is_placeholder(field, text(value)) for value in values(customer, field))


def _judged(customer: Customer, field: str) -> list[Verdict]:
    """The verdicts on the values; a placeholder is none."""
    return [one for one in verdicts(customer, field) if not is_placeholder(field, str(one.value))]


def _fault(customer: Customer, field: str, *, unless: Callable[[str], bool] = lambda _: False) -> Reason:
    """The error of a filled field, or else its warnings."""
    for verdict in verdicts(customer, field):
        if verdict.error:
            return (found("is_invalid_because", field, field=field, error=verdict.error),)
        if verdict.warnings and not unless(str(verdict.value)):
            return (found("is_doubtful", field, field=field, warnings=verdict.warnings),)
    return ()


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
        "postcode, city, country; EN 16931 BG-8), or neither email nor peppolId to deliver to (BT-49); or "
        "one that is invalid or doubtful, such as a routeId that is no Leitweg-ID",
        ("routeId", *_PLACE, *_NAME, "email", "peppolId"),
        _not_ready_for_xrechnung,
    ),
    "not_ready_for_peppol": Check(
        "no Peppol participant identifier, or one that is invalid or doubtful",
        ("peppolId",),
        _not_ready_for_peppol,
    ),
}
"""By name. A placeholder counts as missing. The sources of the field rules are named in rules/validation."""
