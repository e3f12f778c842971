"""The sentences of findings in English, by code: `{name}` shows a value, `{name!q}` quotes it."""

from .english_sheets import DAMAGE, SHEETS

MARK = "[hidden]"
"""Stands for a value of a hidden field."""
MARKED = "marked"
"""The code of a finding that is hidden as a whole."""
VALUES = {
    MARKED: MARK,
    "required": "is required and cannot be cleared",
    "blank_required": "is blank; it is required",
    "blank_optional": "is blank; leave it out, or clear it with null",
    "blank_clears": "is blank; null would clear it",
    "broken_text": "has a broken character (half a surrogate pair); send the text again",
    "wrong_type": "expected {expected}, got {got}",
    "number_loses_zeros": (
        'expected {expected}, got {got}, which loses leading zeros; send all digits in quotes, like "003"'
    ),
    "unknown_entry_field": "unknown field {name!q} is passed on as it is{hint}",
    "together": "{one}, {other}",
    "did_you_mean": "; did you mean {meant}?",
    "new_value": "new here: {value!q}; existing: {existing}",
    "company_without_name": "true, but the customer has no name",
    "person_without_name": "false, but the customer has no lastName",
    "not_ascii": "characters outside ASCII",
    "equal_digits": "all digits are equal, a placeholder?",
    "placeholder": "looks like a placeholder",
    "country_code": "expected an ISO 3166-1 alpha-2 code such as DE, got {got!q}{hint}",
    "postcode_digits": "{country} postcodes have {digits} digits, got {got!q}",
    "postcode_misfit": (
        "the record's postcode {postcode!q} does not fit country {country}: {error}; "
        "send the new postcode too"
    ),
    "postcode_unused_de": "no German address has a postcode beginning with 00, 05, 43 or 62",
    "postcode_unused_at": "no Austrian postcode begins with 0",
    "postcode_unused_ch": "no Swiss postcode begins with 0",
    "postcode_is_li": "9480 to 9499 are in Liechtenstein: country LI?",
    "postcode_high_ch": "no Swiss postcode is above 9699",
    "postcode_unused_li": "postcodes in Liechtenstein lie between 9480 and 9499",
    "email_form": "expected one bare address, like info@firma.de, got {got!q}{reason}",
    "email_special_use": ".{domain} is a special-use domain that mail does not reach",
    "email_short_domain": "the top-level domain has one letter only",
    "email_not_ascii": "characters outside ASCII, which faktoora may not take",
    "phone_unknown": "not known as a phone number in {country}",
    "phone_without_country": ("not known as a phone number without a country; write it with +49 or the like"),
}
"""Any value, places, e-mail and phone."""

IDENTIFIERS = {
    "vat_with_words": "expected the VAT ID alone, without a word before it, got {got!q}{hint}",
    "vat_is_tax_number": (
        "VAT IDs begin with a country code, got {got!q}; a Steuernummer belongs into taxId"
    ),
    "vat_form": "{prefix} VAT IDs are {rule}, got {got!q}{hint}",
    "vat_country_code": "VAT IDs begin with a country code such as DE, got {got!q}{hint}",
    "vat_check_digit": "check digit looks wrong",
    "vat_unknown_form": "not in the form of a VAT ID of {prefix}{hint}",
    "vat_outside_eu": "{prefix} is outside the EU: VIES cannot confirm it",
    "vat_greek_prefix": "Greek VAT IDs begin with EL, not GR",
    "vat_other_country": "its country {prefix} is not the customer's country {country}",
    "tax_is_vat": "looks like a VAT ID, which belongs into vatId",
    "tax_is_idnr": "looks like a person's IdNr, not like a Steuernummer",
    "tax_form_de": ("no German Steuernummer: those have 10 to 13 digits in the form of one of the Länder"),
    "tax_form": "no tax number of {country}: those are {rule}",
    "tax_check_digit": "no tax number of {country}: its check digit looks wrong",
    "peppol_form": (
        "Peppol IDs are four digits of a scheme, a colon and up to 130 characters without blanks, "
        "such as 0088:4000001000005, got {got!q}"
    ),
    "peppol_retired": "scheme {scheme} is retired; {successor} took its place",
    "peppol_removed": "scheme {scheme} is no longer in use in Peppol",
    "peppol_unlisted": "scheme {scheme} is not in the EAS code list",
    "peppol_check_digit": "check digit of the {scheme} value looks wrong",
    "peppol_value_form": "the value is not in the form of scheme {scheme}, which is {rule}{hint}",
    "gln_digits": "GLNs have 13 digits, got {got!q}",
    "gln_check_digit": "the check digit of GLN {got!q} is wrong; compare it with the source",
    "duns_digits": "D-U-N-S numbers have 9 digits, got {got!q}",
    "route_check_digits": "check digits of the Leitweg-ID look wrong",
    "route_form": "no Leitweg-ID",
    "route_is_peppol": "no Leitweg-ID; 0204: belongs into peppolId",
    "profile_unknown": "its values are not documented; known are {known}",
}

CHECKS = {
    "company_without_vat_id": "a company without vatId",
    "lacks": "no {field}",
    "is_invalid": "invalid {field}",
    "is_invalid_because": "invalid {field}: {error}",
    "is_doubtful": "doubtful {field}: {warnings}",
    "undeliverable": "no way to deliver ({email}, {peppol})",
}
"""The reasons of checks."""

SIMILARITIES = {
    "same_id": "same {label} {value}",
    "same_name": "same name",
    "same_name_bare": "same name without legal form",
    "names_alike": "names {percent} % alike",
    "other_name": "other name",
    "other_form": "other legal form ({one}, {other})",
    "other_kind": "one is a company, the other a person",
    "other_vat_id": "other VAT id ({one}, {other})",
    "nothing_in_common": "nothing suggests one customer: other names, no id or e-mail in common",
    "same_address": "same address",
    "same_postcode": "same postcode {value}",
    "same_city": "same city {value}",
    "other_place": "other place",
    "no_place": "no place to compare",
    "same_email": "same e-mail {value}",
    "same_email_only": "same e-mail",
}
"""Parts of the reasons why two customers are similar."""

WRITES = {
    "hidden": "hidden, {part} leaves it out",
    "too_large": "too large, {part} leaves it out",
    "cleaned": "{part} has it without invisible characters",
    "not_shown": "faktoora does not show it, so restore lacks it",
    "restore_refused": "restore lacks it, create_customer refuses it: {error}",
    "restore_needs": "restore lacks it, create_customer needs one",
    "same_for_many": "the same for {customers} customers, though it identifies one",
    "undo_refused": "undo leaves it out, its old value is refused: {error}",
    "entries_alike": "several entries fit one of them",
    "undo_lost": "undo does not restore all of it, as nothing tells some entries apart",
    "moved_as_it_is": "taken over as it is, though: {error}",
    "number_stays": "{number} does not move, and the kept customer has no number; give it one",
    "not_merged": "only faktoora writes it, so it is not taken over",
    "list_stays": "an empty list removes nothing; name what is to go in remove_entries",
    "number_case": (
        "{number} differs from the {held} of the customer with id {id} in upper and lower case only"
    ),
    "number_shared": "the customer with id {ids} got {number} too; change one of them",
    "twin": "the customer with id {ids} was created by another program at the same time",
    "twins_unread": "whether another program created this customer at the same time could not be read",
    "not_compared": (
        "{share} customers were compared; others could be equal by {fields}, since the API's search was "
        "not shown to find them all"
    ),
    "uncompared": "could not be looked for; find_duplicate_customers does so later",
    "not_recorded": "the outcome of this change could not be recorded; tell the operator",
    "found_by_file": "the answer was lost; these customers were found by the file they name",
    "no_entry": "has no entry {wanted!q}; there are: {there}",
}
"""Warnings and errors of changes."""

SENTENCES = {**VALUES, **IDENTIFIERS, **CHECKS, **SIMILARITIES, **WRITES, **SHEETS, **DAMAGE}
