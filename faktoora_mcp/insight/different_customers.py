"""What speaks against two records being one customer, so that they are not merged unasked."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from faktoora_mcp.rules.findings import Finding, Of, found
from faktoora_mcp.rules.identity_fields import IDS

from .duplicates import Traits, similarity


def differences(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> dict[str, Finding]:
    """Reasons to take two records for different customers, by the field that shows it; none for one customer.

    A company and a person, another legal form, other VAT IDs, or nothing that both have in common.
    """
    mine, theirs = Traits.of(one), Traits.of(other)
    reasons = [*_kinds(mine, theirs), *_forms(mine, theirs), *_vat_ids(mine, theirs)]
    if not reasons and similarity(mine, theirs) is None:
        reasons.append(found("nothing_in_common", "name"))
    return {reason.path: reason for reason in reasons}


def _kinds(one: Traits, other: Traits) -> Iterator[Finding]:
    if {one.company, other.company} == {True, False}:
        yield found("other_kind", "isCompany")


def _forms(one: Traits, other: Traits) -> Iterator[Finding]:
    if one.form and other.form and one.form != other.form:
        yield found("other_form", "name", one=one.form, other=other.form)


def _vat_ids(one: Traits, other: Traits) -> Iterator[Finding]:
    """Also those that stand in a Peppol id."""
    mine, theirs = _numbers(one), _numbers(other)
    if mine and theirs and mine.keys().isdisjoint(theirs):
        yield found("other_vat_id", "vatId", one=next(iter(mine.values())), other=next(iter(theirs.values())))


def _numbers(traits: Traits) -> dict[str, Of]:
    """The VAT IDs, each with the field that holds it."""
    held = zip(IDS, traits.ids, strict=True)
    return {value: Of(field, value.partition(":")[2]) for field, value in held if value.startswith("vatId:")}
