"""The errors that the sandbox answers, and the forms of their bodies.

SandboxError                 500  E_INTERNAL
├── InvalidRequestError      400  E_VALIDATION
├── UnauthorizedError        401  E_UNAUTHORIZED
├── UnknownCustomerError     404  E_CUSTOMER_RESOURCE_NOT_EXISTS
├── UnknownFileError         404  E_FILE_RESOURCE_NOT_EXISTS
├── UnknownRouteError        404  E_ROUTE_NOT_FOUND
├── MethodNotAllowedError    405  E_METHOD_NOT_ALLOWED
├── CustomerInUseError       409  E_CUSTOMER_IN_USE
├── BodyTooLargeError        413  E_BODY_TOO_LARGE
└── FullError                413  E_BASE_FULL
"""

from .forms import Forms
from .records import Json, Record


class SandboxError(Exception):
    status = 500
    code = "E_INTERNAL"
    status_name = "INTERNAL_SERVER_ERROR"

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class InvalidRequestError(SandboxError):
    status = 400
    code = "E_VALIDATION"
    status_name = "BAD_REQUEST"


class UnauthorizedError(SandboxError):
    status = 401
    code = "E_UNAUTHORIZED"
    status_name = "UNAUTHORIZED"


class UnknownCustomerError(SandboxError):
    status = 404
    code = "E_CUSTOMER_RESOURCE_NOT_EXISTS"
    status_name = "NOT_FOUND"


class UnknownFileError(SandboxError):
    status = 404
    code = "E_FILE_RESOURCE_NOT_EXISTS"
    status_name = "NOT_FOUND"


class UnknownRouteError(SandboxError):
    status = 404
    code = "E_ROUTE_NOT_FOUND"
    status_name = "NOT_FOUND"


class MethodNotAllowedError(SandboxError):
    status = 405
    code = "E_METHOD_NOT_ALLOWED"
    status_name = "METHOD_NOT_ALLOWED"


class CustomerInUseError(SandboxError):
    status = 409
    code = "E_CUSTOMER_IN_USE"
    status_name = "CONFLICT"


class BodyTooLargeError(SandboxError):
    status = 413
    code = "E_BODY_TOO_LARGE"
    status_name = "PAYLOAD_TOO_LARGE"


class FullError(SandboxError):
    status = 413
    code = "E_BASE_FULL"
    status_name = "PAYLOAD_TOO_LARGE"


DOCUMENTED_ERRORS = (
    InvalidRequestError,
    UnauthorizedError,
    UnknownCustomerError,
    UnknownFileError,
    CustomerInUseError,
    BodyTooLargeError,
    UnknownRouteError,
    MethodNotAllowedError,
)


def status_of(error: type[SandboxError], forms: Forms) -> int:
    special: dict[type[SandboxError], int] = {
        UnknownCustomerError: forms.unknown_id_status,
        InvalidRequestError: forms.invalid_status,
    }
    return special.get(error, error.status)


def body_of(error: SandboxError, forms: Forms) -> Record:
    """A specific code is kept where the status does not identify the error."""
    if forms.error_body == "errors":
        listed: list[Json] = [{"code": error.code, "message": message} for message in error.messages]
        return {"errors": listed}
    status = status_of(type(error), forms)
    code = error.status_name if status == error.status else error.code
    return {"code": code, "statusCode": status, "message": "; ".join(error.messages)}
