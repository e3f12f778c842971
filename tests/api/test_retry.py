"""The retry policy: what may be repeated, when, and how long to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from faktoora_mcp.api.retry import ATTEMPTS, never_left, pause_s, retry_after_s
from faktoora_mcp.errors import (
    Busy,
    Fault,
    RateLimited,
    Timeout,
    Unreachable,
    UpstreamError,
    UpstreamUnreadable,
)

PASSING = (RateLimited, UpstreamError, Unreachable)
LASTING = (Busy, UpstreamUnreadable, Timeout)


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_be_sent_twice_is_repeated_after_a_passing_fault(fault: type[Fault]) -> None:
    assert pause_s(fault("", advice=""), 1, repeatable=True) == 0.2


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_waiting_does_not_mend_is_reported(fault: type[Fault], *, repeatable: bool) -> None:
    assert pause_s(fault("", advice=""), 1, repeatable=repeatable) is None


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_not_be_sent_twice_is_never_repeated_once_it_was_sent(fault: type[Fault]) -> None:
    assert pause_s(fault("", advice=""), 1, repeatable=False) is None


def test_what_may_not_be_sent_twice_is_repeated_if_it_never_left() -> None:
    assert pause_s(Unreachable("", advice="", sent=False), 1, repeatable=False) == 0.2


def test_a_fault_that_is_not_retryable_is_reported() -> None:
    assert pause_s(UpstreamError("", advice="", retryable=False), 1, repeatable=True) is None


def test_pauses_double_until_the_last_attempt() -> None:
    fault = Unreachable("", advice="")
    pauses = [pause_s(fault, attempt, repeatable=True) for attempt in range(1, ATTEMPTS + 1)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, None]


def test_the_api_says_how_long_to_wait() -> None:
    assert pause_s(RateLimited("", advice="", retry_after_s=7.0), 1, repeatable=True) == 7.0


def test_an_api_that_says_to_wait_no_time_gets_the_usual_pause() -> None:
    assert pause_s(RateLimited("", advice="", retry_after_s=0.0), 2, repeatable=True) == 0.4


@pytest.mark.parametrize(("header", "seconds"), [("0", 0.0), ("7", 7.0), ("120", 120.0)])
def test_retry_after_is_read_as_seconds(header: str, seconds: float) -> None:
    assert retry_after_s(header) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    then = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after_s(format_datetime(then, usegmt=True)) == pytest.approx(90, abs=2)


@pytest.mark.parametrize("past", ["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00"])
def test_a_date_in_the_past_is_no_wait(past: str) -> None:
    assert retry_after_s(past) == 0.0


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-5",
        "1.5",
        "7\n",
        "\u0667",
        "1, 2",
        "9" * 10,
        "Wed, 21 Oct 2015 99:28:00 GMT",
        "Wed, 21 Oct 99999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 +99999999999999999",
    ],
)
def test_a_retry_after_of_no_known_form_is_as_good_as_none(header: str | None) -> None:
    assert retry_after_s(header) is None


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
)
def test_without_a_connection_the_request_never_left(fault: type[httpx.TransportError]) -> None:
    assert never_left(fault(""))


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadError,
        httpx.ReadTimeout,
        httpx.WriteError,
        httpx.WriteTimeout,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
    ],
)
def test_with_a_connection_the_request_may_have_left(fault: type[httpx.TransportError]) -> None:
    assert not never_left(fault(""))
