"""The OpenAPI 3.1 document of the API, built from the tables that validate requests."""

from . import errors
from .errors import SandboxError
from .forms import DOCUMENTED, Forms
from .openapi_schemas import POSTCODE_RULE, TEXT, array, page_headers, ref, schemas
from .query import DEFAULT_SORT, MAX_PAGE, SORTS
from .records import RELATIONS, Json, Record
from .validation import REQUIRED

DESCRIPTION = f"""\
The Customers API as the sandbox serves it. A parameter or a field that is not named here is refused with 400.
HEAD answers as GET does, without a body; any other method that a path does not name is answered 405
with the header Allow and the error body. A postcode has {POSTCODE_RULE}.
CSV files are uploaded by the sandbox's own POST /_sandbox/files, which is no part of the API."""
ACME: Record = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "vatId": "DE123456789",
    "extras": {},
}
FILE_ID = "550e8400-e29b-41d4-a716-446655440000"
_MEANINGS: dict[type[SandboxError], str] = {
    errors.InvalidRequestError: "The request is not valid; one error per problem",
    errors.UnauthorizedError: "The header X-API-KEY is missing or wrong",
    errors.UnknownCustomerError: "There is no such customer",
    errors.UnknownFileError: "There is no such file",
    errors.CustomerInUseError: "Invoices use the customer",
    errors.BodyTooLargeError: "The body is larger than 5 MiB",
}
_BODY = (errors.BodyTooLargeError,)
_UNKNOWN = (errors.UnknownCustomerError,)


def document(forms: Forms = DOCUMENTED) -> Record:
    key: Record = {"type": "apiKey", "in": "header", "name": "X-API-KEY"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "faktoora Customers API (sandbox)", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"apiKeyAuth": []}],
        "paths": _Operations(forms).paths(),
        "components": {"securitySchemes": {"apiKeyAuth": key}, "schemas": schemas(forms)},
    }


class _Operations:
    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def paths(self) -> Record:
        customer: Record = {"get": self._get(), "patch": self._update(), "delete": self._delete()}
        paths: Record = {
            "/customers": {"get": self._list()},
            "/customers/generate-number": {"get": self._generate_number()},
            "/customers/import": {"post": self._import()},
            "/customer": {"post": self._create()},
            "/customer/verify-customer-number": {"get": self._verify_number()},
            "/customer/{id}": {"parameters": [_id()], **customer},
        }
        if self._forms.upload:
            paths["/customers/import/upload"] = {"post": self._upload()}
        if self._forms.apikeys:
            paths["/apikeys"] = {"get": self._api_keys()}
        return paths

    def _list(self) -> Record:
        return {
            **_named("list_customers", "Paginated list of all customers"),
            "parameters": _list_parameters(self._forms),
            "responses": self._responses(_done(ref("CustomerPage")) | page_headers(self._forms)),
        }

    def _get(self) -> Record:
        return {
            **_named("get_customer", "Get a single customer by its ID"),
            "parameters": [_relation_fields()],
            "responses": self._responses(_done(ref("Customer")), *_UNKNOWN),
        }

    def _create(self) -> Record:
        links = _links_to("get_customer", "update_customer", "delete_customer")
        return {
            **_named("create_customer", "Create a new customer"),
            "requestBody": _body("NewCustomer", ACME),
            "responses": self._responses({**_done(ref("Customer")), "links": links}, *_BODY),
        }

    def _update(self) -> Record:
        return {
            **_named("update_customer", "Update an existing customer (partial update)"),
            "requestBody": _body("CustomerChanges", self._changes()),
            "responses": self._responses(_done(ref("Customer")), *_UNKNOWN, *_BODY),
        }

    def _changes(self) -> Record:
        required = {field: ACME[field] for field in REQUIRED if self._forms.patch_needs_required}
        cleared = None if self._forms.clears_with == "null" else ""
        return required | {"email": "rechnung@acme.example.com", "phoneNo": cleared}

    def _delete(self) -> Record:
        done = _done(ref("Succeed"), {"succeed": True})
        return {
            **_named("delete_customer", "Delete a customer"),
            "responses": self._responses(done, *_UNKNOWN, errors.CustomerInUseError),
        }

    def _generate_number(self) -> Record:
        return {
            **_named("generate_customer_number", "Generate the next customer number; nothing is reserved"),
            "responses": self._responses(_done(ref("Number"), {"value": "003"})),
        }

    def _verify_number(self) -> Record:
        value = _query("value", {"type": "string", "minLength": 1}, "CUST-0042", "The number to look for")
        return {
            **_named("verify_customer_number", "Check whether a customer number is unique"),
            "parameters": [value | {"required": True}],
            "responses": self._responses(_done(ref("Succeed"), {"succeed": True})),
        }

    def _import(self) -> Record:
        created = array(ref("Customer")) | {"minItems": 1}
        return {
            **_named("import_customers", "Bulk-import the customers of an uploaded CSV file, all or none"),
            "requestBody": _body("ImportRequest", {"fileId": FILE_ID}),
            "responses": self._responses(_done(created), errors.UnknownFileError, *_BODY),
        }

    def _upload(self) -> Record:
        form: Record = {"multipart/form-data": {"schema": ref("Upload")}}
        return {
            **_named("upload_customers_file", "Upload a CSV file; the id is the fileId of an import"),
            "requestBody": {"required": True, "content": form},
            "responses": self._responses(_done(ref("UploadedFile"), {"id": FILE_ID}), *_BODY),
        }

    def _api_keys(self) -> Record:
        return {
            **_named("list_api_keys", "The API keys of the account"),
            "responses": self._responses(_done(ref("ApiKeyPage")) | page_headers(self._forms)),
        }

    def _responses(self, done: Record, *refusals: type[SandboxError]) -> Record:
        """Where two errors have one status, the first one describes it."""
        answers: Record = {"200": done}
        for refusal in (errors.InvalidRequestError, errors.UnauthorizedError, *refusals):
            status = errors.status_of(refusal, self._forms)
            answers.setdefault(str(status), self._refused(refusal))
        return answers

    def _refused(self, error: type[SandboxError]) -> Record:
        meaning = _MEANINGS[error]
        example = errors.body_of(error(meaning), self._forms)
        content: Record = {"application/json": {"schema": ref("Errors"), "example": example}}
        return {"description": meaning, "content": content}


def _named(operation: str, summary: str) -> Record:
    return {"operationId": operation, "summary": summary}


def _body(schema: str, example: Record) -> Record:
    return {"required": True, "content": {"application/json": {"schema": ref(schema), "example": example}}}


def _done(schema: Record, example: Record | None = None) -> Record:
    content: Record = {"schema": schema}
    if example:
        content["example"] = example
    return {"description": "Done", "content": {"application/json": content}}


def _links_to(*operations: str) -> Record:
    parameters: Record = {"id": "$response.body#/id"}
    return {operation: {"operationId": operation, "parameters": parameters} for operation in operations}


def _id() -> Record:
    schema: Record = {"type": "string", "minLength": 1}
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": schema,
        "example": "cust_abc123",
        "description": "Opaque text",
    }


def _list_parameters(forms: Forms) -> list[Json]:
    page: Record = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}
    order: Record = {"enum": ["asc", "desc"], "default": "asc"}
    return [
        _query("page", page, 1, "Counted from 1"),
        _per_page(page, forms),
        _query("sort", {"enum": list(SORTS), "default": DEFAULT_SORT}, "name", "Unset values come last"),
        _query("order", order, "asc", "Direction of the sort"),
        _query("category", TEXT, None, "Exactly this category"),
        _query("keywords[]", array(TEXT), ["Acme"], _search_rule(forms)),
        _relation_fields(),
    ]


def _per_page(page: Record, forms: Forms) -> Record:
    schema = page | {"default": forms.default_per_page}
    if forms.over_limit == "refuse":
        return _query("perPage", schema | {"maximum": forms.max_per_page}, 20, "Results per page")
    return _query("perPage", schema, 20, f"Results per page; more than {forms.max_per_page} means that many")


def _search_rule(forms: Forms) -> str:
    words = "Every word" if forms.all_keywords else "One of the words"
    ignored = "case and accents" if forms.folds else "case"
    return f"{words} must occur in a searched field, whatever its {ignored}; blank ones are ignored"


def _relation_fields() -> Record:
    options = array({"enum": list(RELATIONS)})
    return _query("relationFields[]", options, None, "Related data to add to each record")


def _query(name: str, schema: Record, example: Json, description: str) -> Record:
    parameter: Record = {"name": name, "in": "query", "schema": schema, "description": description}
    repeated: Record = {"style": "form", "explode": True} if schema.get("type") == "array" else {}
    return parameter | repeated | ({} if example is None else {"example": example})
