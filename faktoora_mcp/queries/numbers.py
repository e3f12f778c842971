"""The next free customer number: drawn by the API, verified, and counted on where it is taken."""

import re

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import Conflict

COUNTED = 50
"""So many numbers after a drawn one are tried; an API may draw by counting customers."""


async def next_free_number(client: FaktooraClient) -> str:
    """A number that no customer has; it is not reserved. Conflict where too many in a row are taken."""
    number = await client.generate_customer_number()
    for _ in range(COUNTED):
        if await client.verify_customer_number(number):
            return number
        number = _following(number)
    raise Conflict(
        f"{COUNTED} numbers in a row are taken.",
        advice="Choose one that is free by verify_customer_number.",
    )


def _following(number: str) -> str:
    """The number after this one, in the same form: CUST-0099, CUST-0100."""
    match = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", number, re.DOTALL)
    if match is None:
        return f"{number}-1"
    before, digits, after = match.groups()
    return f"{before}{int(digits) + 1:0{len(digits)}}{after}"
