"""All tasks by id: the first tier, and the second from `turns` on."""

from .changes import CHANGES
from .doubts import DOUBTS
from .lists import LISTS
from .questions import QUESTIONS
from .turns import TURNS

TASKS = {task.id: task for task in (*QUESTIONS, *CHANGES, *TURNS, *DOUBTS, *LISTS)}
