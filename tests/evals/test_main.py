import json
from pathlib import Path

import pytest

from evals.__main__ import main


@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": " "}])
def test_without_a_key_it_is_said_what_to_set(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], environ) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "Set ANTHROPIC_API_KEY to a key of the Anthropic API to ask a model, or play the reference scripts "
        "with --script.\n"
    )


def test_a_key_that_cannot_be_one_is_refused_and_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {"ANTHROPIC_API_KEY": "sk-ant-schlüssel"}) == 2
    assert capsys.readouterr().err == "ANTHROPIC_API_KEY contains characters that no key has.\n"


def test_an_unknown_task_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--script", "--tasks", "payer_by_name"], {})
    assert (
        "no task 'payer_by_name', only phone_by_part_of_a_name, payer_by_vat_id," in capsys.readouterr().err
    )


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_played(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--script", "--json", str(tmp_path / "nowhere" / "report.json")], {})
    assert f"no folder {tmp_path / 'nowhere'}" in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["documented", "current"])
def test_scripts_are_played_in_either_form_of_the_api(
    capsys: pytest.CaptureFixture[str], dialect: str
) -> None:
    assert main(["--script", "--dialect", dialect, "--tasks", "move_to_another_country"], {}) == 0
    assert capsys.readouterr().err == "move_to_another_country: solved\n"


def test_scripts_are_played_without_a_key_and_without_tokens(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    assert main(["--script", "--tasks", "payer_by_vat_id,one_more_contact", "--json", str(file)], {}) == 0
    told = capsys.readouterr()
    assert told.err == "payer_by_vat_id: solved\none_more_contact: solved\n"
    header, _, payer, contact, total = told.out.splitlines()
    assert header == "| task | solved | calls | refused | tools | answers | context | of previous |"
    assert payer.startswith("| payer_by_vat_id (de) | 1/1 | 1")
    assert contact.startswith("| one_more_contact (en) | 1/1 | 2")
    assert total.startswith("| **all** | 2/2 | 3")
    report = json.loads(file.read_text("utf-8"))
    assert (report["player"], report["solved"]) == ("script", 2)
    assert [trial["tokens"] for trial in report["trials"]] == [None, None]
