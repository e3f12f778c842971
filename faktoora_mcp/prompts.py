"""The Markdown files of prompts/, read when somebody first asks for them."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from mcp.types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent
from pydantic import BaseModel, ConfigDict

PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n+(.*)", re.DOTALL)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    description: str
    arguments: list[PromptArgument] = []


class PromptFile(BaseModel):
    """One prompt: what is listed of it, and its text with {{placeholders}}."""

    listed: Prompt
    text: str

    @classmethod
    def read(cls, path: Path) -> "PromptFile":
        """ValueError when the file does not begin with front matter of the known form."""
        import yaml

        parts = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
        if parts is None:
            raise ValueError(f"{path.name} has no front matter")
        front = _FrontMatter.model_validate(yaml.safe_load(parts[1]))
        listed = Prompt(name=path.stem, **dict(front))
        return cls(listed=listed, text=parts[2].strip())

    def missing(self, given: dict[str, str]) -> list[str]:
        return [arg.name for arg in self.listed.arguments or [] if arg.required and not given.get(arg.name)]

    def render(self, given: dict[str, str]) -> GetPromptResult:
        """Fill the placeholders in one pass, so that a value is never taken for a placeholder."""
        text = PLACEHOLDER.sub(lambda found: given.get(found[1]) or "(not given)", self.text)
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=self.listed.description, messages=[message])


@cache
def catalogue() -> dict[str, PromptFile]:
    """All prompts by name, of the installed package or of the checkout."""
    return {path.stem: PromptFile.read(path) for path in sorted(_folder().glob("*.md"))}


def _folder() -> Path:
    packaged = Path(str(files("faktoora_mcp").joinpath("_prompts")))
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "prompts"
