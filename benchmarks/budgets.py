"""The budgets of the server in bytes and requests: tests enforce them, benchmarks show them."""

SINGLE_TOOLS_TOKENS, TOOLS_TOKENS = 2_200, 2_600
"""Name, description and input schema of the tools but those of FOR_MANY, and of all, in tokens of o200k."""
SINGLE_TOOLS_BYTES, TOOLS_BYTES = 9_200, 10_900
"""The same in bytes, which every test run can count."""
FOR_MANY = frozenset(("update_customers", "merge_customers"))
INSTRUCTIONS_CHARS = 700
ROW_BYTES = 140
"""A row of list_customers with its default columns."""
LIST_SHARE, RECORD_SHARE = 0.2, 0.6
"""Of the bytes that the API sent for the same page, for the same records."""
ERROR_BYTES, CANDIDATES_ERROR_BYTES = 400, 1_500
"""An error, and one that names the customers meant."""

REQUESTS = {
    "a list": 1,
    "a record by id": 1,
    "a record by number": 2,
    "a number that nobody has": 1,
    "a number to draw": 2,
    "a free number to verify": 2,
    "a taken number to verify": 2,
    "a creation, in a base of one page": 3,
    "a creation with the next number": 5,
    "a creation that is refused for duplicates": 1,
    "an update": 2,
    "a deletion": 2,
    "a deletion that the name confirms": 3,
    "a merge, shown": 2,
    "a merge": 6,
    "an import": 3,
    "a question, in a base of one page": 1,
}
"""Requests to the API for one tool call without failures."""
