"""The sentences of what is found in files of customers, in English, by code."""

SHEETS = {
    "in_two_columns": "is in two columns; {header!q} is not read",
    "header_damaged": "The header {header!q} is damaged.",
    "unusual_encoding": "The file is in {encoding}, which other programs misread. Save it as UTF-8.",
    "mixed_encodings": "Some lines are not in {encoding} as the others are. Save the file as UTF-8.",
    "worksheets_unread": "Only the worksheet {read!q} was read, not {unread}.",
    "row_unreadable": "cannot be read ({reason}): are its quotation marks doubled and closed?",
    "rows_lost": (
        "cannot be read ({reason}): are its quotation marks doubled and closed? Nothing below it was read."
    ),
    "row_too_wide": (
        "has {given} cells under {headers} headers: does a text with {delimiter!q} lack quotation marks?"
    ),
    "cells_without_header": "has {given} cells under {headers} headers: give every column a header",
    "row_short": "has fewer cells ({given}) than there are headers ({headers}); the last are taken as empty",
    "number_taken_by": "is taken by {who}",
    "number_of_row": "is the number of row {row} as well",
    "similar_to": "is similar to {who}: {reasons}",
    "better_written": "is better written {value!q}",
    "write_yes_or_no": "{error}; write ja or nein",
    "nameless": "is neither a company with a name nor a person with a last name",
    "supplier_account": "account {account} is a supplier's (Kreditor), no customer's; remove the row",
    "ledger_account": "account {account} is no customer's (Debitor), but a ledger's; remove the row",
    "invisible_edges": "has characters at its ends that nobody sees; they are left out",
    "repaired": "{seen!q} was repaired: {meant!q}",
    "no_field": "is no field of a customer{hint}",
    "misfit": "does not fit",
    "number_taken": "is in use",
    "not_kept": "was sent, but faktoora did not keep it",
}
"""Problems of files, rows and fields."""

_PROBABLY = "{seen!q} was probably {meant!q}"
DAMAGE = {
    "lost_characters": "{seen!q} has lost characters; take them from the source",
    "twice_encoded_meant": f"{_PROBABLY}: it was encoded twice",
    "wrong_encoding_meant": f"{_PROBABLY}: it was read in another encoding",
    "other_encoding_meant": "{seen!q} is {meant!q} in another encoding than the rest of the file",
    "escaped_meant": f"{_PROBABLY}: characters are written as codes",
    "invisible_meant": f"{_PROBABLY}: it has characters that nobody sees",
    "excel_error": "{seen!q} is an error of a spreadsheet, no value; take it from the source",
    "too_narrow": "{seen!q} shows that a column was too narrow; widen it and save the file again",
    "rounded": "{seen!q} was rounded by Excel; take its digits from the source",
    "rounded_meant": f"{_PROBABLY}: Excel took it for a number",
    "formula": "{seen!q} is a formula, not its result; save the file with values",
    "formula_meant": f"{_PROBABLY}: it is a formula that makes a text",
    "text_mark_meant": f"{_PROBABLY}: an apostrophe marks it as text",
    "quotes_meant": f"{_PROBABLY}: its quotation marks are doubled",
    "decimal_meant": f"{_PROBABLY}: Excel took it for a number",
    "grouped_meant": f"{_PROBABLY}: Excel took it for a number",
    "lost_digits_meant": f"{_PROBABLY}: Excel took it for a number",
    "country_missing_meant": "{seen!q} may be {meant!q}, a number for Excel; add a country to check it",
    "date": "{seen!q} is a date; take the value from the source",
    "date_meant": "{seen!q} was probably {meant}: Excel took it for a date",
    "truth_word": "{seen!q} is a word for yes or no; take the value from the source",
    "empty_word_meant": "{seen!q} stands for an empty cell",
}
"""Damage in cells; `_meant` where it is known what the cell probably held."""
