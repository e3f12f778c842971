"""Writes one can trust: looked at before, sent once, shielded, followed to their outcome, recorded."""

from .creating import create_customer
from .deleting import check_confirmation, delete_customer
from .importing import import_customers
from .turns import Writer
from .updating import Revision, update_customer

__all__ = [
    "Revision",
    "Writer",
    "check_confirmation",
    "create_customer",
    "delete_customer",
    "import_customers",
    "update_customer",
]
