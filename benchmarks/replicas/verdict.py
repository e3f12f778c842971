"""What is wrong after a run, and its figures: claims, marks, errors without a reason, reads that failed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.claims import disagreements
from faktoora_mcp.server.remote.settings import GRACE_S

from .caller import USED, Call, Caller
from .incidents import Incident
from .protocol import LOST

READS = frozenset({"list_customers", "get_customer", "query_customers"})
ENOUGH = 0.999
"""The share of reads that have to succeed, at the second attempt at the latest."""
SETTLING_S, BREAKING_S = 5.0, 2.0
"""So long after an incident errors may still come from it; calls break off at its beginning."""
RIVALRY = frozenset({"duplicate", "busy", "not_found", USED})
"""How a call may end of which another was first."""
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    callers: Sequence[Caller]
    incidents: Sequence[Incident]
    stored: Mapping[str, Sequence[Record]]
    """By the mark of a caller the customers under its key, read from the API itself."""

    @property
    def calls(self) -> list[Call]:
        return [call for caller in self.callers for call in caller.calls]

    @property
    def reads(self) -> list[Call]:
        return [call for call in self.calls if call.tool in READS]


def problems(run: Run) -> list[str]:
    """A sentence for everything that should not be."""
    claimed = [
        problem for one in run.callers for problem in disagreements(one.claims, run.stored.get(one.mark, ()))
    ]
    crossed = [
        f"{one.mark} was shown customers of {sorted({*one.strange})}" for one in run.callers if one.strange
    ]
    told = [problem for one in run.callers for problem in one.problems]
    return [
        *claimed,
        *crossed,
        *_foreign(run),
        *told,
        *_unexplained(run),
        *_failed_reads(run),
        *_untested(run),
    ]


def _foreign(run: Run) -> list[str]:
    """Customers that were written under the key of another caller."""
    return [
        f"{mark} has the customer {record.get('category')}"
        for mark, records in run.stored.items()
        for record in records
        if not str(record.get("category")).startswith(f"{mark}-")
    ]


def _unexplained(run: Run) -> list[str]:
    found = Counter(
        f"{call.tool} ended in {call.error}" for call in run.calls if call.error and not _explained(call, run)
    )
    return [f"{text}, {count} times, without a reason" for text, count in found.items()]


def _explained(call: Call, run: Run) -> bool:
    """Whether an incident, or the caller itself by the same call at once, is a reason for the error.

    A replica that is only restarted breaks no call off that ends in time.
    """
    if call.error in LOST:
        return any(_breaks(one, call) for one in run.incidents)
    if call.error == "state_unavailable":
        return any(one.kind == "state killed" and _overlaps(call, one) for one in run.incidents)
    if call.error == "busy":  # what a process held that died stays held, as its write may still arrive
        return call.rival or any(one.kind == "killed" and one.began <= call.ended for one in run.incidents)
    return call.rival and call.error in RIVALRY


def _breaks(incident: Incident, call: Call) -> bool:
    if incident.kind == "restarted":
        return call.began <= incident.began and call.ended >= incident.began + GRACE_S
    return incident.kind == "killed" and incident.began <= call.ended <= incident.began + BREAKING_S


def _overlaps(call: Call, incident: Incident) -> bool:
    return call.began <= incident.ended + SETTLING_S and call.ended >= incident.began


def _failed_reads(run: Run) -> list[str]:
    share = succeeded(run)
    return [f"only {share:.3%} of the reads succeeded"] if share < ENOUGH else []


def succeeded(run: Run) -> float:
    """The share of reads with an answer; one is repeated once if the way to the server failed."""
    wanted = sum(not call.repeated for call in run.reads)
    return sum(not call.error for call in run.reads) / max(wanted, 1)


def _untested(run: Run) -> Iterable[str]:
    """What a run has to have met, so that it shows anything."""
    counts = Counter(call.tool for call in run.calls if not call.error)
    for tool in (*sorted(READS), "create_customer", "update_customer", "delete_customer", "update_customers"):
        if not counts[tool]:
            yield f"no call of {tool} succeeded"
    if any(one.kind == "state killed" for one in run.incidents) and not any(
        call.error == "state_unavailable" for call in run.calls
    ):
        yield "nobody wrote while the state was away"


def healed_s(run: Run, incident: Incident) -> float:
    """Seconds from an incident until reads no longer failed at the first attempt; 0 where none did."""
    failed = [call.ended for call in run.reads if call.error and _overlaps(call, incident)]
    return max(failed, default=incident.began) - incident.began


def slowest_s(run: Run, incident: Incident) -> float:
    """The longest that a read took whose caller met this incident."""
    met = [call.ended - call.began for call in run.reads if not call.error and _overlaps(call, incident)]
    return max(met, default=0.0)


def broken_off(run: Run, incident: Incident) -> int:
    """How many calls, reads or writes, ended without an answer while the incident lasted."""
    return sum(call.error in LOST and incident.began <= call.ended <= incident.ended for call in run.calls)


def refused_s(run: Run, incident: Incident) -> float:
    """Seconds from the return of the state until a write was last refused for its lack."""
    refused = [
        call.ended
        for call in run.calls
        if call.error == "state_unavailable" and _overlaps(call, incident) and call.ended > incident.ended
    ]
    return max(refused, default=incident.ended) - incident.ended


def _told(run: Run, one: Incident) -> str:
    figures = (
        f"back after {one.ended - one.began:.1f} s",
        f"{broken_off(run, one)} calls broke off",
        f"last failed read {healed_s(run, one):.2f} s after it",
        f"slowest read {slowest_s(run, one):.2f} s",
    )
    return f"  {one.kind}: {', '.join(figures)}"


def report(name: str, run: Run) -> str:
    """The figures of a run in a few lines."""
    ends = Counter(call.error or "done" for call in run.calls)
    lost = sum(bool(call.error) for call in run.reads)
    claims = sum(len(one.claims) for one in run.callers)
    lines = [
        f"{name}: {len(run.calls):,} calls of {len(run.callers)} callers: "
        + ", ".join(f"{error} {count:,}" for error, count in ends.most_common()),
        f"  reads: {len(run.reads):,}, failed at first {lost}, succeeded {succeeded(run):.3%}",
        f"  customers: {claims:,} asked for, {sum(map(len, run.stored.values())):,} stored",
    ]
    met = (_told(run, one) for one in run.incidents)
    back = (
        f"  the state was back: the last write was refused {refused_s(run, one):.2f} s after it"
        for one in run.incidents
        if one.kind == "state killed"
    )
    return "\n".join([*lines, *met, *back])
