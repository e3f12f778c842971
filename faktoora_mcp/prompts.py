"""The Markdown files of prompts/, read when somebody first asks for them."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from mcp.types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent
from pydantic import BaseModel, ConfigDict, ValidationError

PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n+(.*)", re.DOTALL)


class _Argument(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    description: str
    required: bool = False


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    description: str
    arguments: list[_Argument] = []


class PromptFile(BaseModel):
    """One prompt: what is listed of it, and its text with {{placeholders}}."""

    listed: Prompt
    text: str

    @classmethod
    def read(cls, path: Path) -> "PromptFile":
        """ValueError that names the file when it does not begin with front matter of the known form."""
        import yaml

        parts = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
        if parts is None:
            raise ValueError(f"{path.name} has no front matter")
        try:
            front = _FrontMatter.model_validate(yaml.safe_load(parts[1]))
        except (yaml.YAMLError, ValidationError) as exc:
            raise ValueError(f"{path.name}: {exc}") from None
        arguments = [PromptArgument(**dict(argument)) for argument in front.arguments]
        listed = Prompt(name=path.stem, title=front.title, description=front.description, arguments=arguments)
        return cls(listed=listed, text=parts[2].strip())

    def missing(self, given: dict[str, str]) -> list[str]:
        """Required arguments that are not given, or blank."""
        required = [argument.name for argument in self.listed.arguments or [] if argument.required]
        return [name for name in required if not given.get(name, "").strip()]

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
