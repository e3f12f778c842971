"""All tasks by id."""

from .changes import CHANGES
from .questions import QUESTIONS

TASKS = {task.id: task for task in (*QUESTIONS, *CHANGES)}
