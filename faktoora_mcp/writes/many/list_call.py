"""A list as a caller of the tool gives it, apart from the tool: no other call needs what reads files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from faktoora_mcp.api.many_outcomes import Listed
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.writes.session import Writer

from .import_list import ImportRequest, import_list
from .list_source import Source, content_below, places, refusal
from .pace import Progress


@dataclass(frozen=True, slots=True)
class ListCall:
    """What the caller gives; exactly one of `file_id`, `csv`, `rows`, `path`. Rows are chosen by number."""

    file_id: str | None
    csv: str | None
    rows: Sequence[Record] | None
    path: str | None
    columns: Mapping[str, str]
    only: Sequence[str]
    skip: Sequence[str]
    allow_duplicate: Sequence[str]
    accept_repairs: bool
    dry_run: bool | None

    def check(self) -> None:
        """InvalidInput unless one list is given, or a file in faktoora and nothing that only lists have."""
        given = {"csv": self.csv, "rows": self.rows, "path": self.path, "file_id": self.file_id}
        if sum(value is not None for value in given.values()) != 1:
            raise refusal("rows", f"give one of {', '.join(given)}")
        chosen = (self.columns, self.only, self.skip, self.allow_duplicate, self.accept_repairs, self.dry_run)
        if self.file_id is not None and any(chosen):
            raise refusal(
                "file_id",
                "a file in faktoora is imported whole and at once",
                "Check it before by `faktoora-mcp check-csv`, or give its rows as a list.",
            )

    async def run(self, writer: Writer, folder: Path | None, limits: Limits, progress: Progress) -> Listed:
        """What becomes of the list; `folder` is where files may be read."""
        path = self.path
        content = None if path is None else await to_thread.run_sync(content_below, folder, path)
        request = ImportRequest(
            Source(self.csv, self.rows, content, self.columns, self.accept_repairs),
            only=places("only", self.only),
            skip=places("skip", self.skip),
            allow_duplicate=places("allow_duplicate", self.allow_duplicate),
        )
        return await import_list(writer, request, limits, progress, dry_run=self.dry_run is not False)
