"""The prompts: Markdown files in prompts/, one folder for each language, read when they are first needed."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from mcp.types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faktoora_mcp.language import Language, user_language

PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n+(.*)", re.DOTALL)


class _Argument(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    description: str
    default: str | None = Field(default=None, min_length=1)

    @property
    def listed(self) -> PromptArgument:
        return PromptArgument(name=self.name, description=self.description, required=self.default is None)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    description: str
    arguments: list[_Argument] = []


class PromptFile(BaseModel):
    """A prompt: its listing, its text with {{placeholders}}, and the defaults of its arguments."""

    listed: Prompt
    text: str
    defaults: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "PromptFile":
        """ValueError that names the file when its front matter is missing or invalid."""
        import yaml

        name = f"{path.parent.name}/{path.name}"
        parts = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
        if parts is None:
            raise ValueError(f"{name} has no front matter")
        try:
            front = _FrontMatter.model_validate(yaml.safe_load(parts[1]))
        except (yaml.YAMLError, ValidationError) as exc:
            raise ValueError(f"{name}: {exc}") from None
        arguments = [argument.listed for argument in front.arguments]
        listed = Prompt(name=path.stem, title=front.title, description=front.description, arguments=arguments)
        defaults = {argument.name: argument.default for argument in front.arguments if argument.default}
        return cls(listed=listed, text=parts[2].strip(), defaults=defaults)

    def missing(self, given: dict[str, str]) -> list[str]:
        """Required arguments that are not given or blank."""
        required = [argument.name for argument in self.listed.arguments or [] if argument.required]
        return [name for name in required if not given.get(name, "").strip()]

    def render(self, given: dict[str, str]) -> GetPromptResult:
        """Fill the placeholders in one pass, so that no value is treated as a placeholder."""
        values = self.defaults | {name: value for name, value in given.items() if value.strip()}
        text = PLACEHOLDER.sub(lambda found: values[found[1]], self.text)
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=self.listed.description, messages=[message])


def catalogue(chosen: Language | None) -> dict[str, PromptFile]:
    """All prompts by name, in this language or else in the user's."""
    return _read(user_language(chosen))


@cache
def _read(language: Language) -> dict[str, PromptFile]:
    return {path.stem: PromptFile.read(path) for path in sorted((_folder() / language).glob("*.md"))}


def _folder() -> Path:
    """In the installed package, or in the checkout."""
    packaged = Path(str(files("faktoora_mcp").joinpath("_prompts")))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "prompts"
