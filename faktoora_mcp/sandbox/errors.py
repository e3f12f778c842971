"""The errors that the sandbox answers: one class per status and code.

SandboxError
├── InvalidRequestError      400  E_VALIDATION
├── UnauthorizedError        401  E_UNAUTHORIZED
├── UnknownCustomerError     404  E_CUSTOMER_RESOURCE_NOT_EXISTS
├── UnknownFileError         404  E_FILE_RESOURCE_NOT_EXISTS
├── CustomerInUseError       409  E_CUSTOMER_IN_USE
└── BodyTooLargeError        413  E_BODY_TOO_LARGE
"""


class SandboxError(Exception):
    status = 500
    code = "E_INTERNAL"

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class InvalidRequestError(SandboxError):
    status = 400
    code = "E_VALIDATION"


class UnauthorizedError(SandboxError):
    status = 401
    code = "E_UNAUTHORIZED"


class UnknownCustomerError(SandboxError):
    status = 404
    code = "E_CUSTOMER_RESOURCE_NOT_EXISTS"


class UnknownFileError(SandboxError):
    status = 404
    code = "E_FILE_RESOURCE_NOT_EXISTS"


class CustomerInUseError(SandboxError):
    status = 409
    code = "E_CUSTOMER_IN_USE"


class BodyTooLargeError(SandboxError):
    status = 413
    code = "E_BODY_TOO_LARGE"


ROUTE_NOT_FOUND = "E_ROUTE_NOT_FOUND"
METHOD_NOT_ALLOWED = "E_METHOD_NOT_ALLOWED"
_REFUSALS = (
    InvalidRequestError,
    UnauthorizedError,
    UnknownCustomerError,
    UnknownFileError,
    CustomerInUseError,
    BodyTooLargeError,
)
CODES = (*(refusal.code for refusal in _REFUSALS), ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED)
