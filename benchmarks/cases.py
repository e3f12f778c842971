"""Typical calls in sequence on one set of customers, for our server and for mirrors of the API."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.contenders import tool
from benchmarks.pipes import Params
from benchmarks.upstream import ASKED
from faktoora_mcp.cli.demo_steps import ACME, MOVED
from faktoora_mcp.sandbox.openapi import FILE_ID

DELETED, ITS_NUMBER = "6e80fa48-9b0b-4a16-b72f-2bb83586fca7", "CUST-0004"
TAKEN = "CUST-0001"
WORDS = ["gmbh", "köln"]
COMPANIES_WITHOUT_VAT_ID = [
    {"field": "isCompany", "op": "eq", "value": True},
    {"field": "vatId", "op": "missing"},
]
OTHER = ACME | {"name": "Quittenmus KG", "email": "post@quittenmus.example", "vatId": None}


class Case(NamedTuple):
    """`api` is the same call as an operation of the API, if there is one; `code` is our error."""

    name: str
    ours: Params
    api: Params | None = None
    code: str | None = None

    @property
    def title(self) -> str:
        return f"{self.code}: {self.name}" if self.code else self.name


def _same(name: str, operation: str, code: str | None = None, **arguments: object) -> Case:
    return Case(name, tool(operation, **arguments), tool(operation, **arguments), code)


def _create(title: str, customer: Mapping[str, object], code: str | None = None) -> Case:
    return Case(title, tool("create_customer", customer=customer), tool("create_customer", **customer), code)


ANSWERS = (
    _same("list_customers, 20 rows", "list_customers"),
    Case(
        "list_customers, two words",
        tool("list_customers", keywords=WORDS),
        tool("list_customers", **{"keywords": WORDS, "keywords[]": WORDS}),  # each mirror takes one of them
    ),
    _same("get_customer", "get_customer", id=ASKED),
    Case("query_customers, count by country", tool("query_customers", group_by=["country"], limit=0)),
    Case("query_customers, two conditions", tool("query_customers", where=COMPANIES_WITHOUT_VAT_ID)),
    Case("find_duplicate_customers, all", tool("find_duplicate_customers")),
    _same("generate_customer_number", "generate_customer_number"),
    Case(
        "verify_customer_number, taken",
        tool("verify_customer_number", number=TAKEN),
        tool("verify_customer_number", value=TAKEN),
    ),
    Case("create_customer, dry run", tool("create_customer", customer=ACME, dry_run=True)),
    _create("create_customer", ACME),
    Case(
        "update_customer, three fields",
        tool("update_customer", id=ASKED, changes=MOVED),
        tool("update_customer", id=ASKED, **MOVED),
    ),
    Case(
        "import_customers",
        tool("import_customers", file_id=FILE_ID),
        tool("import_customers", fileId=FILE_ID),
    ),
    Case(
        "delete_customer",
        tool("delete_customer", id=DELETED, confirm=ITS_NUMBER),
        tool("delete_customer", id=DELETED),
    ),
)
ERRORS = (
    _create("a postcode", ACME | {"postcode": "1011"}, "invalid_input"),
    Case(
        "a misspelt field",
        tool("update_customer", id=ASKED, changes={"vatID": "DE123456789"}),
        tool("update_customer", id=ASKED, vatID="DE123456789"),
        "invalid_input",
    ),
    _same("an id of nobody", "get_customer", "not_found", id="cust_nobody"),
    _create("with its candidate", ACME, "duplicate"),
    _create("a number that is taken", OTHER | {"customerId": TAKEN}, "conflict"),
    Case(
        "a deletion",
        tool("delete_customer", id=ASKED, confirm="Somebody else"),
        code="not_confirmed",
    ),
)
NOT_CREATED = _create("the API answered 500 to a creation", OTHER, "not_created")
UNKNOWN = _create("the answer was lost, and nothing can be read", OTHER, "outcome_unknown")
UNREACHABLE = _same("no API", "get_customer", "unreachable", id=ASKED)
