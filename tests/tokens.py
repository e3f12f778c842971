"""How many tokens a text has for a model (o200k), if `.ci/node` has installed the tokenizer."""

import json
import subprocess
from collections.abc import Sequence

from tests.documents import ROOT

OUTSIDE = ROOT / "tests" / "outside"
NODE = OUTSIDE / "node_modules" / ".bin" / "node"
TOKENIZER = OUTSIDE / "node_modules" / "gpt-tokenizer"


def tokenizer_installed() -> bool:
    return NODE.exists() and TOKENIZER.exists()


def count_tokens(texts: Sequence[str]) -> list[int]:
    command = [NODE, OUTSIDE / "count_tokens.mjs"]
    done = subprocess.run(command, input=json.dumps(texts).encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)
