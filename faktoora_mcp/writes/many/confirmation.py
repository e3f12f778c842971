"""The value that confirms a change of many customers: their number and a keyed digest of what changes."""

import hmac
import json
from collections.abc import Sequence

from faktoora_mcp.writes.update import Plan

DIGITS = 10


def confirmation(key: bytes, account: str, plans: Sequence[Plan]) -> str:
    """Such as `60-7f3a90c1d2`; any other customer, old value or change gives another one."""
    facts = [[plan.before.id, plan.old, plan.wanted] for plan in plans]
    text = json.dumps([account, facts], sort_keys=True)
    return f"{len(plans)}-{hmac.new(key, text.encode(), 'sha256').hexdigest()[:DIGITS]}"


def is_confirmed(given: str | None, expected: str | None) -> bool:
    """Whether it was given, blanks around it aside."""
    if given is None or expected is None:
        return False
    return hmac.compare_digest(given.strip().encode(), expected.encode())
