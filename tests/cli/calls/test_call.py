"""`call` in this process; a few real processes at the end show what only a process can."""

import json
import re
import shutil
from pathlib import Path

import anyio
import pytest
from click import UsageError, unstyle
from mcp.types import Tool
from pydantic import JsonValue

from faktoora_mcp.cli.calls.arguments import arguments, schema_of
from faktoora_mcp.cli.calls.manual import completions, manual, tools_of
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from tests import processes
from tests.agents import agent, text_of
from tests.cli.commands import run, run_at_terminal
from tests.cli.terminal import at_terminal
from tests.processes import environment
from tests.scripted import ACME

MUELLER = "6e80fa48-9b0b-4a16-b72f-2bb83586fca7"
FILE = "550e8400-e29b-41d4-a716-446655440000"
CALLS: list[tuple[str, dict[str, JsonValue]]] = [
    ("query_customers", {"group_by": ["country"], "limit": 0}),
    ("find_duplicate_customers", {}),
    ("list_customers", {"keywords": ["Köln"], "per_page": 3}),
    ("list_customers", {"per_page": 1000}),
    ("get_customer", {"number": "CUST-0004"}),
    ("get_customer", {"id": "nobody"}),
    ("create_customer", {"customer": ACME}),
    ("create_customer", {"customer": {"plz": "1", "isCompany": "yes"}}),
    ("update_customer", {"id": MUELLER, "changes": {"city": "Hamburg", "note": None}}),
    ("update_customers", {"ids": [MUELLER, "nobody"], "changes": {"category": "Kunde"}}),
    ("merge_customers", {"keep": MUELLER, "remove": "nobody"}),
    ("delete_customer", {"id": MUELLER, "confirm": "CUST-0004"}),
    ("delete_customer", {"id": MUELLER, "confirm": "Meier"}),
    ("generate_customer_number", {}),
    ("verify_customer_number", {"number": "CUST-0004"}),
    ("import_customers", {"file_id": FILE}),
]
NEW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}|FK-[0-9A-F]{8}|20\d\d-\d\d-\d\dT[0-9:.]+Z|1-[0-9a-f]{10}"
)
"""Ids and times that the sandbox gives to new records, and confirmations."""


@pytest.fixture(scope="module")
def tools() -> dict[str, Tool]:
    return {tool.name: tool for tool in tools_of(Settings(sandbox=True))}


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the sandbox, for tests to copy."""
    db = tmp_path_factory.mktemp("sandbox") / "customers.db"
    assert run("call", "generate_customer_number", "--sandbox", "--db", str(db)).returncode == 0
    return db


def read_by_agent(db: Path, tool: str, given: dict[str, JsonValue]) -> str:
    """The text that an agent reads."""

    async def call() -> str:
        async with agent("legacy", db=db) as someone:
            return text_of(await someone.result(tool, **given))

    return anyio.run(call)


@pytest.mark.parametrize(("tool", "given"), CALLS)
def test_a_call_answers_what_an_agent_reads(
    customers: Path, tmp_path: Path, tool: str, given: dict[str, JsonValue]
) -> None:
    ours, theirs = (Path(shutil.copy(customers, tmp_path / name)) for name in ("ours", "theirs"))
    done = run("call", tool, json.dumps(given), "--json", "--sandbox", "--db", str(ours))
    text = read_by_agent(theirs, tool, given)
    assert NEW.sub("…", done.stdout) == NEW.sub("…", text) + "\n"
    assert (done.returncode, done.stderr) == (int(text.startswith('{"error"')), "")


def test_every_tool_is_compared() -> None:
    assert {tool for tool, _ in CALLS} == TOOLS.keys()


@pytest.mark.parametrize(
    ("tool", "words", "given"),
    [
        ("verify_customer_number", ["number=003"], {"number": "003"}),
        ("verify_customer_number", ["number=7"], {"number": "7"}),
        ("verify_customer_number", ["number=null"], {"number": "null"}),
        ("verify_customer_number", ["number=a=b"], {"number": "a=b"}),
        ("verify_customer_number", ["number="], {"number": ""}),
        ("verify_customer_number", ['number="x"'], {"number": '"x"'}),
        ("list_customers", ["page=2"], {"page": 2}),
        ("list_customers", ["page=two"], {"page": "two"}),
        ("list_customers", ["page=NaN"], {"page": "NaN"}),
        ("list_customers", ["page=" + "[" * 100_000], {"page": "[" * 100_000}),
        ("list_customers", ["keywords=Müller"], {"keywords": ["Müller"]}),
        ("list_customers", ["keywords=003"], {"keywords": ["003"]}),
        ("list_customers", ["keywords=[x"], {"keywords": ["[x"]}),
        ("list_customers", ["keywords=a", "page=1", "keywords=b"], {"keywords": ["a", "b"], "page": 1}),
        ("list_customers", ['keywords=["a","b"]', "keywords=c"], {"keywords": ["a", "b", "c"]}),
        ("list_customers", ["pge=2"], {"pge": "2"}),
        ("list_customers", [], {}),
        (
            "update_customer",
            ["id=7", "changes.city=Hamburg", "changes.note=null", "changes.postcode=01067"],
            {"id": "7", "changes": {"city": "Hamburg", "note": None, "postcode": "01067"}},
        ),
        (
            "update_customer",
            ["changes.customerContacts=null", "changes.deliveryAddresses=[]"],
            {"changes": {"customerContacts": None, "deliveryAddresses": []}},
        ),
        (
            "create_customer",
            ["customer.isCompany=true", "customer.name=true", "customer.extras.costCentre=4711"],
            {"customer": {"isCompany": True, "name": "true", "extras": {"costCentre": "4711"}}},
        ),
        (
            "create_customer",
            ['customer={"city":"Köln"}', "customer.isCompany=false"],
            {"customer": {"city": "Köln", "isCompany": False}},
        ),
        (
            "query_customers",
            ["where.1.field=city", "where.1.op=eq", "where.1.value=Köln", "where.2.field=vatId"],
            {"where": [{"field": "city", "op": "eq", "value": "Köln"}, {"field": "vatId"}]},
        ),
        (
            "update_customer",
            ["changes.customerContacts.1.email=a@b.de", "remove_entries.deliveryAddresses=Lager"],
            {
                "changes": {"customerContacts": [{"email": "a@b.de"}]},
                "remove_entries": {"deliveryAddresses": ["Lager"]},
            },
        ),
        (
            "create_customer",
            [f'customer.customerContacts={{"firstName":"{name}"}}' for name in ("Ada", "Bo")],
            {"customer": {"customerContacts": [{"firstName": "Ada"}, {"firstName": "Bo"}]}},
        ),
        ("list_customers", [' {"page": 2, "keywords": ["a"]}'], {"page": 2, "keywords": ["a"]}),
    ],
)
def test_words_become_arguments_by_the_schema(
    tools: dict[str, Tool], tool: str, words: list[str], given: dict[str, JsonValue]
) -> None:
    assert arguments(words, schema_of(tools[tool])) == given


@pytest.mark.parametrize(
    ("tool", "words", "sentence"),
    [
        ("list_customers", ["Müller"], "'Müller' is not an argument. Write key=value"),
        ("list_customers", ["=x"], "'=x' is not an argument"),
        ("create_customer", ["customer..city=x"], "'customer..city=x' is not an argument"),
        ("list_customers", ["page=1", "page=2"], "'page' is given twice"),
        ("list_customers", ['{"page":'], "is not a JSON object"),
        (
            "create_customer",
            ["customer=x", "customer.city=y"],
            "'customer' already has a value, so 'customer.city' cannot be set",
        ),
        ("create_customer", ["customer.city=y", 'customer={"a":1}'], "'customer' is given twice"),
        ("query_customers", ["where.0.field=city"], "'where.0.field': count the entries of a list from 1"),
        ("query_customers", ["where.2.field=city"], "and without gaps, as in where.1.field=city"),
        ("query_customers", ["where.field=city"], "'where.field': count the entries"),
        ("query_customers", ["where=x", "where.1.field=city"], "'where.1.field' is given twice"),
        (
            "update_customer",
            ["changes.customerContacts=null", "changes.customerContacts={}"],
            "'changes.customerContacts' is given twice",
        ),
    ],
)
def test_words_without_a_usable_form_are_refused(
    tools: dict[str, Tool], tool: str, words: list[str], sentence: str
) -> None:
    with pytest.raises(UsageError) as refused:
        arguments(words, schema_of(tools[tool]))
    assert sentence in refused.value.message


def test_arguments_can_come_from_stdin() -> None:
    done = run("call", "get_customer", "-", "--sandbox", stdin='\ufeff{"number": "CUST-0004"}\n')
    assert json.loads(done.stdout)["customer"]["id"] == MUELLER


@pytest.mark.parametrize("stdin", ["", "[1]", "number=1"])
def test_stdin_has_to_be_an_object(stdin: str) -> None:
    done = run("call", "get_customer", "-", "--sandbox", stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a JSON object" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["get_custmer"], "There is no tool 'get_custmer'. Did you mean get_customer?"),
        (["xyz"], "There is no tool 'xyz'. faktoora-mcp call --list shows them."),
        (["xyz", "--help"], "There is no tool 'xyz'."),
        ([], "Name a tool"),
        (["list_customers", "Müller"], "'Müller' is not an argument."),
        (["list_customers", "--timeout-s", "soon"], "FAKTOORA_TIMEOUT_S"),
        (["list_customers", "--tools", "get_custmer"], "no tool is called 'get_custmer'"),
        (["list_customers", "--jsn"], "There is no option --jsn. Did you mean --json?"),
    ],
)
def test_a_wrong_call_ends_with_code_2_and_a_sentence(words: list[str], sentence: str) -> None:
    done = run("call", *words, FAKTOORA_SANDBOX="1")
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_call_needs_a_key_or_the_sandbox() -> None:
    done = run("call", "list_customers")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No API key" in done.stderr


def test_an_unknown_key_is_answered_with_the_nearest_name() -> None:
    done = run("call", "list_customers", "pge=2", "--sandbox")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["fields"] == {"pge": "is unknown; did you mean page?"}


def test_a_tool_that_is_switched_off_is_answered_as_agents_are() -> None:
    done = run("call", "create_customer", "customer.city=x", "--read-only", "--sandbox")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "read_only"


def test_a_connection_failure_is_an_answer_without_log_lines() -> None:
    live = {"FAKTOORA_API_KEY": "secret-4711", "FAKTOORA_BASE_URL": "http://127.0.0.1:9"}
    done = run("call", "list_customers", "--timeout-s", "1", **live)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["error"]["code"] == "unreachable"
    assert "4711" not in done.stdout


def test_the_tools_are_listed_without_a_key() -> None:
    done = run("call", "--list", COLUMNS="200")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [*TOOLS]
    assert "Change fields of one customer; unchanged ones are not sent." in done.stdout


def test_only_offered_tools_are_listed() -> None:
    done = run("call", "--list", "--tools", "get_customer,delete_customer", "--read-only")
    assert [line.split()[0] for line in done.stdout.splitlines() if line[0] != " "] == ["get_customer"]


def test_looking_at_tools_creates_no_database(tmp_path: Path) -> None:
    assert run("call", "--list", "--db", str(tmp_path / "customers.db")).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_help_of_a_tool_explains_every_parameter() -> None:
    done = run("call", "list_customers", "--help", COLUMNS="200")
    lines = done.stdout.splitlines()
    assert lines[0] == "Usage: faktoora-mcp call [OPTIONS] list_customers [KEY=VALUE]... | JSON | -"
    explained = dict(line.split(maxsplit=1) for line in lines if line.startswith("  "))
    assert explained["keywords"].endswith("[list of text]")
    assert explained["category"].endswith("compared exactly  [text]")
    assert explained["order"].endswith("[one of asc, desc]")
    assert explained["per_page"].endswith("[integer up to 100; default 20]")


def test_help_of_a_tool_explains_the_fields_of_its_record() -> None:
    done = run("call", "create_customer", "--help", COLUMNS="200")
    text = " ".join(done.stdout.split())
    assert "customer its fields [object; required]" in text
    assert "customer.isCompany false: person [boolean; required]" in text
    assert "customer.deliveryAddresses [list of objects with id, country, name," in text


def test_help_shows_what_a_null_clears() -> None:
    text = " ".join(run("call", "update_customer", "--help").stdout.split())
    assert "changes.city [text]" in text
    assert "changes.note [text or null]" in text


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_has_help(tool: str) -> None:
    assert f"[OPTIONS] {tool} " in manual(Settings(sandbox=True), tool)


def test_the_options_of_a_call_are_explained_without_a_tool() -> None:
    done = run("call", "--help")
    assert done.returncode == 0
    assert "--read-only" in done.stdout
    assert "--max-connections" not in done.stdout


@pytest.mark.parametrize(
    ("tool", "start", "offered"),
    [
        ("list_customers", "p", ["page=", "per_page="]),
        ("list_customers", "order=", ["order=asc", "order=desc"]),
        ("list_customers", "order=d", ["order=desc"]),
        ("create_customer", "customer.isCompany=t", ["customer.isCompany=true"]),
        ("get_customer", "", ["id=", "number=", "relation_fields=", "fields="]),
        ("nobody", "", []),
    ],
)
def test_keys_and_the_values_of_enums_are_completed(tool: str, start: str, offered: list[str]) -> None:
    assert completions(tool, start) == offered


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_terminal_gets_a_table_that_fits_its_width(columns: int) -> None:
    code, text = run_at_terminal("call", "--sandbox", "list_customers", "per_page=5", columns=columns)
    lines = unstyle(text).splitlines()
    assert (code, lines[-1]) == (0, "page: 1, per page: 5, total items: 57, next page: 2")
    assert max(map(len, lines)) <= columns
    assert "\x1b[1m" in text
    starts = {line.index("CUST-") for line in lines[1:] if "CUST-" in line}
    assert starts == {lines[0].index("cust")}
    assert len(re.findall(r"cust_abc123|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", unstyle(text))) == 5


def test_an_id_is_whole_where_there_is_room() -> None:
    _, text = run_at_terminal("call", "--sandbox", "list_customers", "keywords=Köln", columns=120)
    assert MUELLER in text


def test_a_terminal_gets_records_where_a_table_has_too_many_columns() -> None:
    code, text = run_at_terminal("call", "--sandbox", "list_customers", "per_page=1", "fields=*")
    assert code == 0
    assert re.search(r"^vatId +DE733836833$", unstyle(text), re.MULTILINE)


def test_a_terminal_gets_a_record_field_by_field() -> None:
    code, text = run_at_terminal("call", "--sandbox", "get_customer", "number=CUST-0004")
    assert code == 0
    assert re.search(r"^name +Müller GmbH$", unstyle(text), re.MULTILINE)


def test_json_at_a_terminal_is_what_agents_read() -> None:
    _, text = run_at_terminal("call", "--sandbox", "generate_customer_number", "--json")
    assert text == '{"number":"CUST-0059"}\n'


def test_a_terminal_gets_an_error_in_sentences() -> None:
    code, text = run_at_terminal("call", "--sandbox", "create_customer", "customer.plz=1")
    lines = unstyle(text).splitlines()
    assert (code, lines[0]) == (1, "Error: The arguments do not fit; nothing was sent.")
    assert "  plz: is unknown; did you mean postcode?" in lines
    assert lines[-1] == "Correct these and call again."


class TestProcess:
    """The command as a process: what the tests above cannot show."""

    def test_the_answer_is_on_stdout_the_log_on_stderr_and_an_error_ends_with_code_1(self) -> None:
        env = environment(FAKTOORA_SANDBOX="1", PYTHONWARNINGS="error")
        done = processes.run("call", "get_customer", "id=nobody", "--log-level", "info", env=env)
        assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "not_found")
        assert done.stderr.startswith("INFO faktoora_mcp.api.exchange: GET /customer/nobody 404")

    def test_piped_output_is_utf_8_whatever_the_locale(self) -> None:
        env = environment(PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONWARNINGS="error")
        done = processes.run("call", "--sandbox", "list_customers", "keywords=Köln", "per_page=1", env=env)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Müller GmbH" in done.stdout

    def test_no_color_is_respected_at_a_terminal(self) -> None:
        words = ("call", "--sandbox", "get_customer", "number=CUST-0004")
        assert "\x1b" not in at_terminal(*words, NO_COLOR="1")[1]
        assert "\x1b" in run_at_terminal(*words)[1]

    @pytest.mark.parametrize(
        ("words", "offered"),
        [
            (["call", "--sandbox", "ver"], ["verify_customer_number"]),
            (["call", "update_customer", "id=1", "changes.ci"], ["changes.city="]),
            (["install", "c"], ["claude-desktop", "claude-code", "cursor"]),
        ],
        ids=["tools", "keys of a tool", "hosts"],
    )
    def test_the_shell_completes_words(self, words: list[str], offered: list[str]) -> None:
        line = {"COMP_WORDS": " ".join(["faktoora-mcp", *words]), "COMP_CWORD": str(len(words))}
        done = processes.run(env=environment(_FAKTOORA_MCP_COMPLETE="bash_complete", **line))
        assert done.stderr == ""
        assert [item.removeprefix("plain,") for item in done.stdout.splitlines()] == offered


class TestQuestion:
    """What the server asks the user, the person at the terminal is asked."""

    CALL = ("call", "update_customers", f"ids={MUELLER}", "changes.category=Kunde", "dry_run=false", "--json")

    @pytest.mark.parametrize(("typed", "word"), [("y\n", '"changed":1'), ("n\n", '"not_confirmed"')])
    def test_a_yes_at_the_terminal_confirms(self, typed: str, word: str) -> None:
        _, shown = run_at_terminal(*self.CALL, "--sandbox", typed=typed, FAKTOORA_LANGUAGE="en")
        assert "Change 1 customer? category:" in shown
        assert word in shown

    def test_on_pipes_nobody_is_asked(self) -> None:
        done = run(*self.CALL, "--sandbox", stdin="y\n")
        assert json.loads(done.stdout)["outcome"] == "not_confirmed"


@pytest.mark.parametrize(("language", "label"), [("en", "Customers"), ("de", "Kunden")])
def test_a_walk_shows_its_progress_at_a_terminal(language: str, label: str) -> None:
    words = ("query_customers", "group_by=country", "--sandbox", "--language", language)
    code, text = run_at_terminal("call", *words)
    before, full, _ = text.partition("100%")
    assert (code, full) == (0, "100%")
    assert f"{label} " in before


def test_a_walk_shows_no_progress_where_a_program_reads() -> None:
    done = run("call", "query_customers", "group_by=country", "--sandbox")
    assert (done.returncode, done.stderr) == (0, "")
