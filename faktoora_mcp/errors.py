"""Everything that can go wrong, named by what the caller can do about it.

FaktooraError
├── Correctable              change the call and send it again; nothing was changed
│   ├── InvalidInput         invalid_input: a field or argument, named in `fields`
│   │   └── InputTooLarge
│   ├── NotFound             not_found: no such customer, file or tool
│   ├── Ambiguous            ambiguous: several customers fit, named in `candidates`
│   ├── Duplicate            duplicate: such a customer exists already, named in `candidates`
│   ├── Conflict             conflict: the record's state forbids it, which `current` or `holder` shows
│   └── NotConfirmed         not_confirmed: the user did not agree, or the confirmation does not match
├── Refused                  a person must change the set-up
│   ├── Unauthorized         unauthorized: the API does not accept the key
│   ├── Forbidden            forbidden: the key may not do this
│   ├── ReadOnly             read_only: the server was started for reading only
│   ├── WriteLimit           write_limit: the operator allows no more changes in this run
│   └── AuditUnavailable     audit_unavailable: the audit log cannot be written, so nothing may be changed
├── Fault                    the API or a connection failed; `lost`: it may have been carried out
│   ├── RateLimited          rate_limited: too many requests; `next` says how long to wait
│   ├── Busy                 busy: no free connection, or an earlier write is not through; nothing was sent
│   │   └── MayComeLate
│   ├── UpstreamError        upstream_error: the API failed to process the request
│   ├── UpstreamUnreadable   upstream_unreadable: an answer in no known format
│   │   └── AnswerTooLarge
│   ├── Timeout              timeout: no answer in time, or too little time left to begin
│   │   └── OutOfTime
│   ├── Unreachable          unreachable: no connection to the API
│   ├── StateUnavailable     state_unavailable: what the servers share cannot be reached; nothing was sent
│   └── NotCreated           not_created: the answer was lost, and reading proved that nothing was created
├── OutcomeUnknown           outcome_unknown: a write was sent, its answer lost; what to look for is in `next`
└── Internal                 internal: a defect of this server
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

SAID = "\ufffc"
"""Stands in `told` for the words of the API."""
WITHHELD = "its words are withheld because fields are hidden"


class FaktooraError(Exception):
    """An error that the agent reads: what happened (`message`), then what to do next (`advice`).

    `told` is the message with SAID in place of what the API `said` in its words; these may quote a record.
    `fields` has a sentence or a finding by the path of a field, `details` records and the like by their key.
    """

    code: ClassVar[str]
    retryable: bool = False

    def __init__(
        self,
        told: str,
        *,
        advice: str,
        said: str = "",
        fields: Mapping[str, object] | None = None,
        **details: object,
    ) -> None:
        super().__init__(told.replace(SAID, said))
        self.told, self.said = told, said
        self.advice = advice
        self.fields = dict(fields or {})
        self.details = {name: value for name, value in details.items() if value}

    @property
    def message(self) -> str:
        return self.told.replace(SAID, self.said)

    @property
    def withheld(self) -> str:
        """The message without the words of the API."""
        return self.told.replace(SAID, WITHHELD)

    @property
    def sentence(self) -> str:
        """What is told, with final punctuation, so that another sentence can follow."""
        return self.told if self.message.endswith((".", "!", "?")) else f"{self.told}."

    def envelope(self) -> dict[str, object]:
        """The JSON of every failure: `{"error": {code, message, fields?, retryable, next, …}}`."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.fields:
            error["fields"] = self.fields
        return {"error": error | {"retryable": self.retryable, "next": self.advice} | self.details}


class Correctable(FaktooraError):
    pass


class InvalidInput(Correctable):
    code = "invalid_input"


class InputTooLarge(InvalidInput):
    """The API refuses the size of a request or of the answer that it asks for (413)."""


class NotFound(Correctable):
    code = "not_found"


class Ambiguous(Correctable):
    code = "ambiguous"


class Conflict(Correctable):
    code = "conflict"


class Duplicate(Correctable):
    code = "duplicate"


class NotConfirmed(Correctable):
    code = "not_confirmed"


class Refused(FaktooraError):
    pass


class Unauthorized(Refused):
    code = "unauthorized"


class Forbidden(Refused):
    code = "forbidden"


class ReadOnly(Refused):
    code = "read_only"


class WriteLimit(Refused):
    code = "write_limit"


class AuditUnavailable(Refused):
    code = "audit_unavailable"


class Fault(FaktooraError):
    """`lost`: the request may have been carried out. `settled`: nothing of it can still happen later."""

    may_have_acted: ClassVar[bool] = True

    def __init__(  # noqa: PLR0913 (all that is known of a fault is said when it is made)
        self,
        told: str,
        *,
        advice: str,
        said: str = "",
        sent: bool = True,
        lost: bool | None = None,
        settled: bool = False,
        retryable: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(told, advice=advice, said=said)
        self.sent = sent
        self.lost = (sent and self.may_have_acted) if lost is None else lost
        self.settled = settled
        self.retryable = retryable
        self.retry_after_s = retry_after_s

    def after_lost_attempt(self) -> Self:
        """The same fault of a request that may have been carried out by an earlier attempt."""
        return type(self)(
            self.told,
            advice=self.advice,
            said=self.said,
            lost=True,
            retryable=self.retryable,
            retry_after_s=self.retry_after_s,
        )


class RateLimited(Fault):
    """The API refused the request: it was sent, but nothing was done."""

    code = "rate_limited"
    may_have_acted = False


class Busy(Fault):
    code = "busy"


class MayComeLate(Busy):
    """An earlier change of the same customer may still be carried out; nothing was sent."""


class UpstreamError(Fault):
    code = "upstream_error"


class UpstreamUnreadable(Fault):
    code = "upstream_unreadable"


class AnswerTooLarge(UpstreamUnreadable):
    """The answer exceeds what is read."""


class Timeout(Fault):
    code = "timeout"


class OutOfTime(Timeout):
    """Too little of the time of the call was left; nothing was sent."""


class Unreachable(Fault):
    code = "unreachable"


class StateUnavailable(Fault):
    """What several servers share cannot be reached, so that no change is sent."""

    code = "state_unavailable"
    may_have_acted = False


class NotCreated(Fault):
    """The answer to a creation was lost, and nothing was created."""

    code = "not_created"
    may_have_acted = False


class OutcomeUnknown(FaktooraError):
    """`retryable` where the same call is harmless, whatever became of the first."""

    code = "outcome_unknown"

    def __init__(
        self,
        told: str,
        *,
        advice: str,
        said: str = "",
        retryable: bool = False,
        candidates: list[object] | None = None,
    ) -> None:
        super().__init__(told, advice=advice, said=said, candidates=candidates)
        self.retryable = retryable


class Internal(FaktooraError):
    code = "internal"


def codes(kind: type[FaktooraError] = FaktooraError) -> Iterator[str]:
    """Every error code, in the order of the tree above."""
    if "code" in vars(kind):
        yield kind.code
    for narrower in kind.__subclasses__():
        yield from codes(narrower)
