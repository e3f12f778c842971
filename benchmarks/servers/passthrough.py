"""What a competent engineer writes in an hour: one tool per endpoint, the API's JSON passed through.

Typed flat parameters under the API's own names, one shared HTTP client, refusals told to the agent. A tool
returns what `response.json()` gives as `dict[str, object]`, and the SDK renders that as it does by
default: indented JSON as text, and the same again as structured content.
"""

import os
from collections.abc import Mapping
from typing import Any, Literal

import httpx
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

Record = dict[str, object]
Given = Mapping[str, Any]
NONE: Given = {}
Sort = Literal[
    "customerId", "name", "nameAuthorisedSignatory", "address", "phoneNo", "category", "isCompany", "email",
    "faktooraId", "vatId", "taxId", "invoiceProfile", "supplierNumber", "routeId", "peppolId",
    "createdAt", "updatedAt",
]  # fmt: skip
Relation = Literal[
    "user", "legalform", "importedFile", "customerContacts", "invoiceTemplate", "customerDeliveryAddresses"
]


def create_server(api: httpx.AsyncClient) -> MCPServer:
    server = MCPServer("customers", instructions="Manage the customers of a firm in faktoora.")
    tools = CustomerApi(api)
    server.add_tool(tools.list_customers)
    server.add_tool(tools.get_customer)
    server.add_tool(tools.create_customer)
    server.add_tool(tools.update_customer)
    server.add_tool(tools.delete_customer)
    server.add_tool(tools.generate_customer_number)
    server.add_tool(tools.verify_customer_number)
    server.add_tool(tools.import_customers)
    return server


class CustomerApi:
    def __init__(self, api: httpx.AsyncClient) -> None:
        self._api = api

    async def list_customers(
        self,
        page: int = 1,
        perPage: int = 20,
        sort: Sort | None = None,
        order: Literal["asc", "desc"] | None = None,
        category: str | None = None,
        keywords: list[str] | None = None,
        relationFields: list[Relation] | None = None,
    ) -> Record:
        """Paginated list of all customers, with filtering, sorting and relation loading."""
        query = {"page": page, "perPage": perPage, "sort": sort, "order": order, "category": category}
        lists = {"keywords[]": keywords, "relationFields[]": relationFields}
        return await self._json("GET", "/customers", query=query | lists)

    async def get_customer(self, id: str, relationFields: list[Relation] | None = None) -> Record:
        """Get a single customer by its ID."""
        return await self._json("GET", f"/customer/{id}", query={"relationFields[]": relationFields})

    async def create_customer(
        self,
        isCompany: bool,
        address: str,
        postcode: str,
        city: str,
        name: str | None = None,
        firstName: str | None = None,
        lastName: str | None = None,
        email: str | None = None,
        customerId: str | None = None,
        country: str | None = None,
        phoneNo: str | None = None,
        vatId: str | None = None,
        taxId: str | None = None,
        peppolId: str | None = None,
        glnId: str | None = None,
        dunsId: str | None = None,
        invoiceProfile: str | None = None,
        extras: Record | None = None,
        deliveryAddresses: list[Record] | None = None,
        customerContacts: list[Record] | None = None,
    ) -> Record:
        """Create a new customer: a company (with name) or an individual (with firstName and lastName)."""
        given = {name: value for name, value in locals().items() if name != "self"}
        return await self._json("POST", "/customer", body=given | {"extras": extras or {}})

    async def update_customer(
        self,
        id: str,
        isCompany: bool | None = None,
        address: str | None = None,
        postcode: str | None = None,
        city: str | None = None,
        name: str | None = None,
        firstName: str | None = None,
        lastName: str | None = None,
        email: str | None = None,
        customerId: str | None = None,
        country: str | None = None,
        phoneNo: str | None = None,
        vatId: str | None = None,
        taxId: str | None = None,
        peppolId: str | None = None,
        glnId: str | None = None,
        dunsId: str | None = None,
        invoiceProfile: str | None = None,
        extras: Record | None = None,
        deliveryAddresses: list[Record] | None = None,
        customerContacts: list[Record] | None = None,
    ) -> Record:
        """Update an existing customer; only the given fields change."""
        given = {name: value for name, value in locals().items() if name not in ("self", "id")}
        return await self._json("PATCH", f"/customer/{id}", body=given)

    async def delete_customer(self, id: str) -> Record:
        """Delete a customer."""
        return await self._json("DELETE", f"/customer/{id}")

    async def generate_customer_number(self) -> Record:
        """Generate the next customer number based on the current sequence."""
        return await self._json("GET", "/customers/generate-number")

    async def verify_customer_number(self, value: str) -> Record:
        """Check whether a customer number is unique."""
        return await self._json("GET", "/customer/verify-customer-number", query={"value": value})

    async def import_customers(self, fileId: str) -> Record:
        """Bulk-import customers from a CSV file previously uploaded to faktoora."""
        response = await self._sent("POST", "/customers/import", body={"fileId": fileId})
        return {"customers": response.json()}

    async def _json(self, method: str, path: str, *, query: Given = NONE, body: Given = NONE) -> Record:
        return (await self._sent(method, path, query=query, body=body)).json()

    async def _sent(
        self, method: str, path: str, *, query: Given = NONE, body: Given = NONE
    ) -> httpx.Response:
        params, json = _filled(query), _filled(body)
        try:
            response = await self._api.request(method, path, params=params, json=json or None)
        except httpx.HTTPError as error:
            raise ToolError(f"{type(error).__name__}: {error}") from error
        if response.is_error:
            raise ToolError(f"HTTP {response.status_code}: {response.text}")
        return response


def _filled(values: Given) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


if __name__ == "__main__":
    headers = {"X-API-KEY": os.environ["FAKTOORA_API_KEY"]}
    create_server(httpx.AsyncClient(base_url=os.environ["FAKTOORA_BASE_URL"], headers=headers)).run()
