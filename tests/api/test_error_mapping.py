"""What an answer that is no success means: one error of ours for every status and every form of body."""

import json
from http import HTTPStatus

import pytest

from faktoora_mcp.api.error_mapping import error_of
from faktoora_mcp.errors import (
    Conflict,
    FaktooraError,
    Fault,
    Forbidden,
    InputTooLarge,
    InvalidInput,
    NotFound,
    RateLimited,
    Timeout,
    Unauthorized,
    UpstreamError,
)

KEY = "secret-key-4711"
AGAIN = "Try again in a moment."
CHECK = "Ask the operator to check FAKTOORA_BASE_URL."
REDIRECT = "with a redirect, which is not followed."
UNKNOWN = NotFound("No customer has the id 1.", advice="Look it up.")
NOT_EXISTING = {"errors": [{"code": "E_CUSTOMER_RESOURCE_NOT_EXISTS", "message": "Customer not found"}]}
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><pre>at /srv/app.js</pre></body></html>"
REDIRECTS = (300, 301, 302, 303, 304, 307, 308)
UNEXPECTED = (402, 404, 405, 406, 410, 411, 412, 414, 415, 418, 421, 423, 424, 425, 426, 428, 431, 451, 499)
PASSING = (500, 502, 503, 504, 505, 507, 508, 511, 520, 524, 599)


def answered(status: int, body: object = None, retry_after_s: float | None = None) -> FaktooraError:
    """The error for a JSON body, or none."""
    content = b"" if body is None else json.dumps(body).encode()
    return error_of(status, content, key=KEY, retry_after_s=retry_after_s)


def told(error: FaktooraError) -> tuple[type[FaktooraError], str, bool, str]:
    return type(error), error.message, error.retryable, error.advice


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    expected = (UpstreamError, f"The API answered {status} {REDIRECT}", False, CHECK)
    assert told(answered(status)) == expected


@pytest.mark.parametrize("status", UNEXPECTED)
def test_a_refusal_nobody_expects_points_to_the_address(status: int) -> None:
    expected = (UpstreamError, f"The API answered {status} without a reason.", False, CHECK)
    assert told(answered(status)) == expected


@pytest.mark.parametrize("status", PASSING)
def test_a_failure_of_the_api_may_pass(status: int) -> None:
    expected = (UpstreamError, f"The API answered {status} without a reason.", True, AGAIN)
    assert told(answered(status)) == expected


def test_what_the_api_does_not_implement_does_not_pass() -> None:
    assert told(answered(501)) == (UpstreamError, "The API answered 501 without a reason.", False, CHECK)


def test_a_failure_is_told_with_its_reason() -> None:
    assert answered(503, {"message": "Down for maintenance"}).message == (
        "The API answered 503: Down for maintenance"
    )


@pytest.mark.parametrize("status", [400, 422])
def test_an_input_that_is_refused_can_be_corrected(status: int) -> None:
    expected = (InvalidInput, "The API refuses the input: city is too long", False)
    assert told(answered(status, {"message": "city is too long"}))[:3] == expected


def test_a_size_that_is_refused_is_told_from_other_input() -> None:
    expected = (InputTooLarge, "The API refuses the size: at most 1 MB", False)
    assert told(answered(413, {"message": "at most 1 MB"}))[:3] == expected


def test_a_key_that_is_not_accepted_is_the_operators_business() -> None:
    advice = (
        "The key may be wrong, expired or revoked: ask the operator to check FAKTOORA_API_KEY. "
        "Keys are made in faktoora, under API Access in the profile menu."
    )
    expected = (Unauthorized, "The API does not accept the key.", False, advice)
    assert told(answered(401, {"message": "Invalid token"})) == expected


def test_a_missing_right_is_told_with_the_reason() -> None:
    advice = "Ask the operator for a key with this right."
    expected = (Forbidden, "The API key may not do this: No access to customers", False, advice)
    assert told(answered(403, {"error": "No access to customers"})) == expected


def test_a_conflict_asks_for_a_fresh_read() -> None:
    expected = (Conflict, "The API refuses this.", False, "Read the customer again before you go on.")
    assert told(answered(409)) == expected


def test_an_api_that_waited_too_long_for_the_request_is_a_timeout() -> None:
    assert told(answered(408)) == (Timeout, "The API gave up waiting for the request.", True, AGAIN)


@pytest.mark.parametrize(
    ("wait_s", "advice"), [(None, "Wait a minute, then try again."), (12.0, "Wait 12 s, then try again.")]
)
def test_too_many_requests_say_how_long_to_wait(wait_s: float | None, advice: str) -> None:
    error = error_of(429, b"", key=KEY, retry_after_s=wait_s)
    assert told(error) == (RateLimited, "The API takes no more requests for now.", True, advice)


def test_a_failure_carries_how_long_to_wait() -> None:
    error = answered(503, retry_after_s=12.0)
    assert isinstance(error, UpstreamError)
    assert error.retry_after_s == 12.0


@pytest.mark.parametrize("status", [*PASSING, *REDIRECTS, 408])
def test_a_request_the_api_may_have_carried_out_is_lost(status: int) -> None:
    error = answered(status)
    assert isinstance(error, Fault)
    assert error.lost


@pytest.mark.parametrize("status", [*UNEXPECTED, 429, 501])
def test_a_request_the_api_turned_away_is_not_lost(status: int) -> None:
    error = answered(status)
    assert isinstance(error, Fault)
    assert not error.lost


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, None),
        (404, {"message": "Not Found", "statusCode": 404}),
        (400, NOT_EXISTING),
        (400, NOT_EXISTING["errors"][0]),
        (422, NOT_EXISTING),
    ],
)
def test_every_form_of_not_found_is_what_the_caller_calls_unknown(status: int, body: object) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    assert error_of(status, content, key=KEY, unknown=UNKNOWN) is UNKNOWN


def test_another_code_of_validation_is_no_not_found() -> None:
    body = b'{"errors":[{"code":"E_VALIDATION","message":"city is required"}]}'
    assert told(error_of(400, body, key=KEY, unknown=UNKNOWN))[:2] == (
        InvalidInput,
        "The API refuses the input: city is required",
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"code": "E_VALIDATION", "message": "a"}, {"message": "b"}]}, "a; b"),
        ({"errors": ["a", "b"]}, "a; b"),
        ({"message": "a"}, "a"),
        ({"error": "a"}, "a"),
        ({"error": {"message": "a", "code": 7}}, "a"),
        ({"detail": "a"}, "a"),
        ({"detail": [{"loc": ["body", "city"], "msg": "a"}, {"msg": "b"}]}, "a; b"),
        ({"title": "a", "detail": "b", "type": "about:blank"}, "b; a"),
        ({"statusCode": 400, "message": ["a", "b"], "error": "Bad Request"}, "a; b; Bad Request"),
        ({"message": "a", "error": "a"}, "a"),
        (["a", {"message": "b"}], "a; b"),
        ("a", "a"),
        ({"message": " a\n"}, "a"),
        ({"message": "Stra\u202ee \u00e4\u200b"}, "Strae ä"),
    ],
)
def test_a_reason_is_found_in_every_known_form_of_body(body: object, said: str) -> None:
    assert answered(400, body).message == f"The API refuses the input: {said}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  ",
        HTML,
        b"Bad Request",
        b"\xff\xfe\x00",
        b'{"message": "\xe4"}',
        b'{"message": "cut o',
        b"[" * 100_000,
        b'{"message":' * 100_000,
        b'{"message":' * 300 + b'"deep"' + b"}" * 300,
        b"[" * 300 + b'"deep"' + b"]" * 300,
        b"9" * 5_000,
        b"null",
        b"42",
        b"[]",
        b"{}",
        b'{"message": null, "error": 7, "errors": {}, "detail": [[]]}',
        b'{"message": ""}',
        b'{"message": "<html><b>no</b></html>"}',
        b'{"stack": "at /srv/app.js", "path": "/api/v1/customer", "code": "X"}',
    ],
    ids=lambda content: repr(content[:30]),
)
def test_a_body_of_no_known_form_gives_no_reason(content: bytes) -> None:
    assert error_of(400, content, key=KEY).message == "The API refuses the input."


@pytest.mark.parametrize(
    "trace",
    [
        "\n    at Service.find (/srv/app.js:3:14)\n    at next",
        '\nTraceback (most recent call last):\n  File "/srv/app.py", line 3',
    ],
)
def test_a_stack_trace_is_left_out_of_the_reason(trace: str) -> None:
    assert answered(500, {"message": f"It broke{trace}"}).message == "The API answered 500: It broke"


def test_a_long_reason_is_cut_and_says_so() -> None:
    said = answered(400, {"message": "x" * 1300}).message
    assert said == f"The API refuses the input: {'x' * 300}… [1,000 more characters]"


@pytest.mark.parametrize(
    "content",
    [
        f'{{"message": "no key {KEY} here"}}'.encode(),
        f'{{"message": "no key {KEY} here"}}'.encode("utf-16"),
        f'{{"message": "no key {KEY} here"}}'.replace("-", "\\u002d").encode(),
        f'{{"message": "no key {KEY[:5]}\\u200b{KEY[5:]} here"}}'.encode(),
    ],
    ids=["plain", "as UTF-16", "escaped", "with an invisible character"],
)
def test_a_key_that_the_api_repeats_is_taken_out_however_it_is_written(content: bytes) -> None:
    assert error_of(400, content, key=KEY).message == "The API refuses the input: no key [key] here"


def test_a_key_at_the_cut_of_a_long_reason_is_taken_out_whole() -> None:
    assert "secret" not in answered(400, {"message": "x" * 295 + KEY}).message


@pytest.mark.parametrize("flaw", ["<", "..", "  ", KEY, "None", "HTTPStatus"])
@pytest.mark.parametrize("content", [b"", HTML, json.dumps({"message": KEY}).encode()])
def test_no_status_is_told_in_a_flawed_sentence(flaw: str, content: bytes) -> None:
    answers = {status: error_of(status, content, key=KEY).envelope() for status in range(300, 600)}
    assert [status for status, told in answers.items() if flaw in json.dumps(told)] == []


def test_statuses_outside_the_register_are_understood_by_their_class() -> None:
    registered = {status.value for status in HTTPStatus}
    unknown = [status for status in range(400, 600) if status not in registered]
    assert {type(answered(status)) for status in unknown} == {UpstreamError}
    assert [status for status in unknown if answered(status).retryable] == [s for s in unknown if s >= 500]


def test_a_message_of_a_megabyte_is_no_reason() -> None:
    assert told(answered(400, {"message": "x" * 1_000_000}))[1] == "The API refuses the input."


def test_a_message_of_blanks_alone_takes_no_time_that_grows_with_its_square() -> None:
    assert told(answered(400, {"message": "\n" * 90_000}))[1] == "The API refuses the input."
