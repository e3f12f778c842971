"""Plays of tasks other than those of the reference scripts."""

from dataclasses import replace

import anyio

from evals.script import Script
from evals.task import Call, Found, Turn
from evals.tasks import TASKS
from evals.trial import Trial, play

CALLS = {
    "phone_by_part_of_a_name": (1, 0),
    "payer_by_vat_id": (1, 0),
    "count_at_home_and_abroad": (1, 0),
    "not_ready_for_xrechnung_in_austria": (1, 0),
    "ask_which_of_several": (1, 0),
    "known_under_another_spelling": (1, 1),
    "instructions_in_a_note": (1, 0),
    "new_company_with_the_next_number": (1, 0),
    "sister_firm_of_another_legal_form": (1, 0),
    "move_to_another_country": (2, 0),
    "one_more_contact": (2, 0),
    "delete_one_of_two_duplicates": (2, 0),
    "merge_two_entries": (3, 0),
    "doubtful_vat_id": (1, 0),
    "import_and_correct": (2, 0),
    "answer_to_a_creation_lost": (2, 1),
    "change_taken_back": (3, 0),
    "wrong_record_corrected": (5, 0),
    "deletion_taken_back": (3, 0),
    "contact_removed_and_put_back": (3, 0),
    "new_company_completed": (2, 0),
    "question_narrowed": (2, 0),
    "tried_before_it_is_done": (3, 0),
    "number_and_name_disagree": (2, 0),
    "postcode_of_four_digits": (2, 1),
    "address_missing": (0, 0),
    "nobody_of_this_name": (1, 0),
    "number_already_taken": (1, 0),
    "number_free_after_all": (1, 0),
    "change_beside_a_hostile_note": (2, 0),
    "hostile_name_in_a_list": (1, 0),
    "answer_to_a_change_lost": (3, 1),
    "answer_to_a_deletion_lost": (3, 1),
    "sixty_of_another_category": (2, 0),
    "sixty_with_a_lost_answer": (4, 0),
    "spelling_of_a_city": (2, 0),
    "change_to_sixty_taken_back": (4, 0),
    "sixty_pasted_into_the_chat": (2, 0),
    "list_with_a_lost_answer": (2, 0),
    "list_stopped_half_way": (3, 0),
    "list_again_with_more": (4, 0),
    "merge_with_a_lost_answer": (4, 0),
}
"""What the reference scripts take: calls, and how many of them are answered by an error."""


def script(task: str, turn: int = 0) -> tuple[Call, ...]:
    return TASKS[task].turns[turn].calls


def again(call: Call, **arguments: object) -> Call:
    return Call(call.tool, {**call.arguments, **arguments})


def first_row(tool: str, keyword: str, **arguments: object) -> tuple[Call, ...]:
    """The tool is called for the first customer that is found."""
    found = Call("list_customers", {"keywords": [keyword], "sort": "customerId"})
    return found, Call(tool, {"id": Found(0, ("rows", 0, 0)), **arguments})


def played_so(name: str, calls: tuple[Call, ...]) -> Trial:
    """The task of one turn with these calls, and the reference script's answer."""
    task = TASKS[name]
    (turn,) = task.turns
    return anyio.run(play, replace(task, turns=(Turn(turn.says, calls, turn.answer),)), Script)
