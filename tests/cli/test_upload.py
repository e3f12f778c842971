"""`faktoora-mcp upload`: the fileId on stdout, everything else in sentences."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faktoora_mcp.cli.upload import MAX_BYTES, PROGRESS_BYTES
from faktoora_mcp.sheets.decoding import SAVE_AS_CSV
from tests import processes
from tests.cli.commands import Done, run, run_at_terminal
from tests.processes import environment, served_sandbox

CSV = "Firma;Straße;PLZ;Ort;Land\r\nZweitfirma GmbH;Weg 1;20095;Hamburg;DE\r\n".encode("cp1252")
KEY = "opensesame"


@pytest.fixture(scope="module")
def current_url() -> Iterator[str]:
    with served_sandbox("--customers", "3", "--key", KEY, "--dialect", "current") as url:
        yield url


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "kunden.csv"
    path.write_bytes(CSV)
    return path


def large(path: Path, size: int) -> Path:
    path.write_bytes(CSV.ljust(size))
    return path


def uploaded(path: Path, url: str, *options: str, key: str = KEY) -> Done:
    return run("upload", str(path), *options, FAKTOORA_BASE_URL=url, FAKTOORA_API_KEY=key)


def test_an_uploaded_file_is_imported_by_the_printed_id(csv_file: Path, current_url: str) -> None:
    env = environment(FAKTOORA_BASE_URL=current_url, FAKTOORA_API_KEY=KEY)
    done = processes.run("upload", str(csv_file), env=env)
    file_id = done.stdout.strip()
    assert (done.returncode, done.stderr) == (
        0,
        f"To import it: faktoora-mcp call import_customers file_id={file_id}\n",
    )
    imported = processes.run("call", "import_customers", f"file_id={file_id}", env=env)
    assert (imported.returncode, json.loads(imported.stdout)["imported"]) == (0, 1)


def test_programs_read_one_json_object(csv_file: Path, current_url: str) -> None:
    done = uploaded(csv_file, current_url, "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr, answer["bytes"]) == (0, "", len(CSV))
    assert answer["next"].endswith(f" file_id={answer['fileId']}")


def test_an_api_without_the_route_says_where_to_upload_instead(csv_file: Path) -> None:
    with served_sandbox() as url:
        done, as_json = uploaded(csv_file, url), uploaded(csv_file, url, "--json")
    sentences = (
        "Error: This API takes no uploads.\nUpload the CSV file in faktoora, which shows its fileId.\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentences)
    assert (as_json.returncode, json.loads(as_json.stdout)["error"]["code"]) == (1, "not_found")


def test_a_wrong_key_is_told(csv_file: Path, current_url: str) -> None:
    done = uploaded(csv_file, current_url, key="a-wrong-key")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not accept the key" in done.stderr


def test_a_file_that_the_api_finds_too_large_may_be_split(tmp_path: Path, current_url: str) -> None:
    done = uploaded(large(tmp_path / "kunden.csv", 5_500_000), current_url)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "Correct the file, or split it, and upload it again.",
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (bytes(MAX_BYTES + 1), "is larger than 20 MB. Split it."),
        (b"PK\x03\x04", f"is an Excel workbook; faktoora imports CSV files. {SAVE_AS_CSV}."),
    ],
    ids=["empty", "large", "workbook"],
)
def test_a_file_of_no_use_is_refused_before_the_network(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "kunden.csv"
    path.write_bytes(content)
    done = uploaded(path, "http://127.0.0.1:9")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Error: {path} {sentence}\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = uploaded(tmp_path / "gone.csv", "http://127.0.0.1:9")
    assert (done.returncode, "gone.csv that can be read." in done.stderr) == (2, True)


def test_the_sandbox_has_a_command_of_its_own(csv_file: Path) -> None:
    done = run("upload", str(csv_file), FAKTOORA_SANDBOX="true")
    assert (done.returncode, "faktoora-mcp sandbox upload" in done.stderr) == (2, True)


@pytest.mark.parametrize(("size", "shown"), [(PROGRESS_BYTES, False), (PROGRESS_BYTES + 1, True)])
def test_a_terminal_shows_the_progress_of_a_large_file(
    tmp_path: Path, current_url: str, size: int, *, shown: bool
) -> None:
    path = large(tmp_path / "kunden.csv", size)
    code, text = run_at_terminal("upload", str(path), FAKTOORA_BASE_URL=current_url, FAKTOORA_API_KEY=KEY)
    assert (code, "Upload" in text, "100%" in text) == (0, shown, shown)
    assert "100%" not in uploaded(path, current_url).stderr
