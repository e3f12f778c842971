"""What every member of an answer means, for docs/tools.md, and the members that the code can produce."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import faktoora_mcp.answers
from faktoora_mcp import errors
from faktoora_mcp.answers.customers import Answer

MEMBERS = {
    "account": "whose data a change changed, as the operator named it",
    "asBefore": "how many customers already held the values",
    "asBeforeIds": "the ids of these customers",
    "available": "whether no customer has the number",
    "body": "what a dry run would send",
    "call": "the id of this call in the audit log, for `faktoora-mcp undo`",
    "candidates": "of an error: the customers that are meant or already exist, with reasons",
    "changed": "old and new value by field; of update_customers how many customers",
    "changedIds": "changed customers that are not in `undo`",
    "code": "of an error: its kind",
    "columns": "what the cells of `rows` are",
    "complete": "whether all customers were read; `reason` says why not",
    "confirm": "what agrees to exactly the change that the dry run showed",
    "conflicts": "fields that differ: what stays, what goes; `prefer` chooses",
    "counts": "rows by status",
    "created": "the customers that rows became",
    "current": "of an error: what the record holds now",
    "customer": "the record: filled fields",
    "customerId": "the customer number",
    "deleted": "who was, or would be, deleted",
    "differences": "what would change, for how many customers, with examples",
    "differencesTotal": "how many differences there are, where not all are shown",
    "doubtful": "created records that may be wrong; `doubts` with the values",
    "doubtfulTotal": "how many records are doubtful",
    "dryRun": "nothing was sent",
    "duplicates": "likely duplicates with reasons; of a creation how many, among how many customers",
    "duplicatesTotal": "how many duplicates there are",
    "entries": "by list: entries added, changed (old and new values), removed, and how many were kept",
    "error": "why the call failed: `code`, `message`, `fields`, `retryable`, `next`",
    "exists": "rows that a customer fits whole already",
    "failed": "customers that were not changed, by reason",
    "fields": "of an error: what is wrong, by argument or field",
    "filled": "what the kept customer takes over from the other",
    "groups": "counts by group, the largest first; `rest`: all others together",
    "holder": "the customer that has the number",
    "id": "the id of the record",
    "ignored": "value sent and value held, where the API did not keep what was sent",
    "imported": "how many customers were created",
    "incomplete": "why not all customers could be compared or found",
    "joined": "fields in which both values are kept",
    "keep": "the customer that stays",
    "kept": "the values that stay",
    "left": "what was not begun, to go on with: ids, or numbers of rows",
    "leftTotal": "how many were not begun",
    "matched": "how many customers meet the conditions",
    "message": "of an error: what happened",
    "name": "the display name: name, or first and last name",
    "narrowedBy": "the field by whose condition the search chose the customers that were read",
    "next": "what to do next",
    "nextPage": "the page to go on with; the last page has none",
    "normalized": "value given and value sent, where it was sent in standard form",
    "notLoaded": "relations that were asked for and that the API does not give",
    "notRead": "headers of columns that were not read",
    "note": "what else is to know, such as how to go on or to read cut values whole",
    "notice": "in the first answer: a key is given and not used, because the sandbox is on",
    "number": "the customer number",
    "outcome": "what became of the call",
    "page": "the number of this page",
    "perPage": "how many customers a page has",
    "proposed": "damaged cells with repairs, by field; accept_repairs takes them",
    "readAs": "the field that each column was read as",
    "ready": "numbers of the rows without a doubt",
    "reason": "why not all was read, or why the other customer was not deleted",
    "remove": "the customer that goes",
    "repaired": "damaged cells that were repaired, by field",
    "restore": "the deleted record, for create_customer",
    "retryable": "of an error: whether the same call may be repeated",
    "rows": "a row for each customer, or for each row of a list that needs attention",
    "rowsTotal": "how many rows need attention, where not all are shown",
    "sandbox": "the change was made in the sandbox",
    "scanned": "how many customers were read",
    "similar": "customers that are alike, with reasons, but no likely duplicates",
    "similarTotal": "how many are similar",
    "stopped": "why not all was done",
    "totalItems": "how many customers there are on all pages",
    "totalItemsBefore": "how many customers there were before",
    "undo": "the arguments of update_customer, or calls of update_customers, that restore what was",
    "unknown": "customers of whom nobody knows whether they were changed, by reason",
    "untrusted": "fields (in tables by id, `*`: in any row) whose text seems to speak to a language model",
    "verified": "the record of the API was seen after the change",
    "warnings": "what may be wrong; `next` says whether to tell or to ask the user",
    "wouldChange": "how many customers would change",
    "wouldFail": "customers whose change would be refused, by reason",
    "wrong": "created records that break a rule or are damaged; `errors` with the values",
    "wrongTotal": "how many records are wrong",
}
OF_AN_ERROR = {"error", "code", "message", "fields", "retryable", "next"}
OF_EVERY_CHANGE = {"account", "sandbox"}
OF_A_FIRST_ANSWER = {"notice"}
PLAIN = {"told", "advice", "said", "fields", "sent", "lost", "settled", "retryable", "retry_after_s", "match"}
"""Arguments of errors that are no member of their own."""


def produced() -> set[str]:
    """The members that the code can produce, by its dataclasses and by the errors that it makes."""
    for module in pkgutil.iter_modules(faktoora_mcp.answers.__path__):
        importlib.import_module(f"faktoora_mcp.answers.{module.name}")
    of_answers = {field.name for kind in _kinds(Answer) for field in fields(kind)}
    return of_answers | {*_details()} | OF_AN_ERROR | OF_EVERY_CHANGE | OF_A_FIRST_ANSWER


def _kinds(kind: type[Answer]) -> Iterator[type[Answer]]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from _kinds(narrower)


def _details() -> Iterator[str]:
    """What errors carry besides: the other keywords that the package makes them with."""
    kinds = {name for name, value in vars(errors).items() if _is_error(value)}
    for path in Path(str(errors.__file__)).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                yield from (word.arg for word in node.keywords if word.arg and word.arg not in PLAIN)


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.FaktooraError)
