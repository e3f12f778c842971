"""deploy/compose.yaml: proxy, replicas and state fit together; .ci/deploy asks the Compose schema."""

import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import yaml

from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.remote.serve import GRACE_S
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import PREFIX, Settings
from tests.documents import ROOT, blocks

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROXY, REPLICAS, STATE = SERVICES["proxy"], SERVICES["replicas"], SERVICES["state"]
OPTIONS = dict(word.removeprefix("--").split("=", 1) for word in REPLICAS["command"] if "=" in word)
VARIABLES = {PREFIX + name.upper() for kind in (Settings, RemoteSettings) for name in kind.model_fields}


def test_the_proxy_asks_the_port_that_the_replicas_listen_on() -> None:
    assert PROXY["environment"]["REPLICAS"] == f"replicas:{OPTIONS['port']}"
    assert f"127.0.0.1:{OPTIONS['port']}/healthz" in REPLICAS["healthcheck"]["test"][-1]


def test_the_proxy_has_every_variable_of_its_configuration() -> None:
    used = re.findall(r'"\$\{(\w+)\}"', (ROOT / "deploy" / "haproxy.cfg").read_text("utf-8"))
    assert {*used} == PROXY["environment"].keys()


def test_forwarded_headers_are_believed_from_the_proxy_alone() -> None:
    assert OPTIONS["trusted-proxy"] == PROXY["networks"]["inside"]["ipv4_address"]


def test_no_replica_can_be_given_the_address_of_the_proxy() -> None:
    (pool,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    address = ip_address(PROXY["networks"]["inside"]["ipv4_address"])
    assert address in ip_network(pool["subnet"])
    assert address not in ip_network(pool["ip_range"])


def test_only_the_proxy_can_be_reached_and_the_state_only_by_replicas() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert (STATE["networks"], COMPOSE["networks"]["state"]) == (["state"], {"internal": True})
    assert [name for name, service in SERVICES.items() if "state" in service["networks"]] == [
        "replicas",
        "state",
    ]


def test_every_variable_is_a_setting_and_every_argument_an_option() -> None:
    options = {option for parameter in cli.commands["serve"].params for option in parameter.opts}
    assert REPLICAS["environment"].keys() - VARIABLES == set()
    assert {word.partition("=")[0] for word in REPLICAS["command"]} - options == set()


def test_no_container_may_write_to_its_image_or_gain_rights() -> None:
    assert [
        (service["read_only"], service["cap_drop"], service["security_opt"]) for service in SERVICES.values()
    ] == [(True, ["ALL"], ["no-new-privileges:true"])] * 3


def test_whatever_dies_is_started_again() -> None:
    assert [service["restart"] for service in SERVICES.values()] == ["always"] * 3


def test_the_state_keeps_what_it_was_told_and_forgets_nothing_by_itself() -> None:
    words = STATE["command"]
    options = {word: words[place + 1] for place, word in enumerate(words) if place and word.startswith("--")}
    assert (options["--appendonly"], options["--appendfsync"], options["--maxmemory-policy"]) == (
        "yes",
        "always",
        "noeviction",
    )


def test_running_calls_have_their_time_before_a_replica_is_killed() -> None:
    assert int(REPLICAS["stop_grace_period"].removesuffix("s")) > GRACE_S


def pins(path: Path) -> set[str]:
    return {*re.findall(r"^([\w.-]+==\S+)", path.read_text("utf-8"), re.MULTILINE)}


def test_the_image_has_the_pinned_packages_and_those_of_every_extra() -> None:
    image, plain = pins(ROOT / "deploy" / "requirements.txt"), pins(ROOT / "requirements.txt")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = {re.split(r"[<>=;]", package)[0] for packages in extras.values() for package in packages}
    assert plain - image == set()
    assert wanted - {pin.partition("==")[0] for pin in image} == set()


def test_the_picture_shows_every_service_by_its_name() -> None:
    (picture,) = blocks(ROOT / "docs" / "remote.md", "mermaid")
    nodes = re.findall(r'\w+\[\(?"(\w+): ', picture.text)
    assert {*nodes} & SERVICES.keys() == SERVICES.keys()
    assert nodes.count("replicas") == REPLICAS["deploy"]["replicas"]
