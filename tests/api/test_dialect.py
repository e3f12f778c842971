"""What is learned of an API: starts with the specification, is bounded, and proofs expire."""

import anyio
import pytest

from faktoora_mcp.api.dialect import Coverage, Dialects, Forms
from faktoora_mcp.settings import FALLBACK_PAGE_SIZE, MAX_ACCOUNTS, PROOF_S, WALK_PAGE_SIZE
from tests.clock import VIRTUAL_TIME

pytestmark = pytest.mark.anyio
URL, OTHER_URL = "https://api.example.test", "https://other.example.test"


def test_at_first_an_api_is_taken_for_the_ordered_one() -> None:
    assert Dialects().of(URL, "a").forms == Forms(
        patch_needs_required=False, clears_with_empty=False, page_size=WALK_PAGE_SIZE
    )


def test_accounts_of_one_api_share_its_forms_and_not_their_proofs() -> None:
    dialects = Dialects()
    one, other = dialects.of(URL, "one"), dialects.of(URL, "other")
    one.forms.patch_needs_required = True
    assert other.forms.patch_needs_required
    assert one.coverage is not other.coverage
    assert not dialects.of(OTHER_URL, "third").forms.patch_needs_required


def test_the_same_account_finds_its_dialect_again() -> None:
    dialects = Dialects()
    assert dialects.of(URL, "one").coverage is dialects.of(URL, "one").coverage


def test_the_accounts_not_used_for_longest_are_forgotten() -> None:
    dialects = Dialects()
    first, second = (dialects.of(URL, name).coverage for name in ("first", "second"))
    for number in range(MAX_ACCOUNTS - 1):
        assert dialects.of(URL, "second").coverage is second
        dialects.of(URL, f"account {number}")
    assert dialects.of(URL, "second").coverage is second
    assert dialects.of(URL, "first").coverage is not first


def test_pages_only_ever_get_smaller() -> None:
    forms = Forms()
    forms.limit_pages(200)
    forms.limit_pages(500)
    assert forms.page_size == 200
    forms.limit_pages(0)
    assert forms.page_size == 1


def test_a_refused_page_size_falls_back_once() -> None:
    forms = Forms()
    assert forms.fall_back()
    assert forms.page_size == FALLBACK_PAGE_SIZE
    assert not forms.fall_back()


async def test_what_was_never_tried_is_not_known() -> None:
    assert Coverage().covers("email") is None


@pytest.mark.parametrize("anyio_backend", [VIRTUAL_TIME])
@pytest.mark.parametrize("covered", [True, False])
async def test_a_proof_is_relied_on_until_it_expires(covered: bool) -> None:  # noqa: FBT001 (a column of the table)
    coverage = Coverage()
    coverage.learn("email", covered=covered)
    await anyio.sleep(PROOF_S - 1)
    assert coverage.covers("email") is covered
    await anyio.sleep(2)
    assert coverage.covers("email") is None


async def test_proofs_can_be_renewed_before_they_expire() -> None:
    coverage = Coverage()
    coverage.learn("email", covered=True)
    coverage.forget()
    assert coverage.covers("email") is None
