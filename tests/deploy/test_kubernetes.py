"""deploy/kubernetes: what its base promises; .ci/deploy checks each file by the schemas of Kubernetes."""

from pathlib import Path
from typing import Any, cast

import yaml

from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.remote.serve import GRACE_S
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import PREFIX, Settings
from tests.documents import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
NAME = {"app.kubernetes.io/name": "faktoora-mcp"}
Object = dict[str, Any]


def read(path: Path) -> Object:
    return cast("Object", yaml.safe_load(path.read_text("utf-8")))


BASE = read(FOLDER / "kustomization.yaml")
OBJECTS = {found["kind"]: found for found in (read(FOLDER / name) for name in BASE["resources"])}
POD: Object = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
VARIABLES = {PREFIX + name.upper() for kind in (Settings, RemoteSettings) for name in kind.model_fields}


def test_the_base_has_every_file_of_the_folder_once() -> None:
    files = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
    assert sorted(BASE["resources"]) == files
    assert len(OBJECTS) == len(files)


def test_every_object_has_the_same_name_and_none_a_namespace() -> None:
    assert [found["metadata"] for found in OBJECTS.values()] == [{"name": "faktoora-mcp"}] * len(OBJECTS)


def test_every_selector_means_the_pods_of_the_deployment() -> None:
    deployment = OBJECTS["Deployment"]["spec"]
    spread = POD["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    assert [
        deployment["template"]["metadata"]["labels"],
        deployment["selector"]["matchLabels"],
        spread,
        OBJECTS["Service"]["spec"]["selector"],
        OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        OBJECTS["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ] == [NAME] * 6


def test_labels_of_the_base_reach_no_selector_as_they_would_change_whom_the_network_policy_means() -> None:
    assert [label.keys() for label in BASE["labels"]] == [{"pairs"}]


def test_service_probes_and_policy_lead_to_the_port_that_the_server_is_told() -> None:
    (port,) = CONTAINER["ports"]
    probes = [CONTAINER[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert f"--port={port['containerPort']}" in CONTAINER["args"]
    assert [probe["port"] for probe in probes] == [port["name"]] * 3
    assert OBJECTS["Service"]["spec"]["ports"][0]["targetPort"] == port["name"]
    assert OBJECTS["NetworkPolicy"]["spec"]["ingress"][0]["ports"] == [{"port": port["name"]}]


def test_a_replica_stays_while_faktoora_is_away() -> None:
    assert {
        CONTAINER[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")
    } == {"/healthz"}


def test_the_autoscaler_and_the_budget_leave_two_replicas_at_least() -> None:
    scaling, budget = OBJECTS["HorizontalPodAutoscaler"]["spec"], OBJECTS["PodDisruptionBudget"]["spec"]
    assert scaling["scaleTargetRef"]["name"] == OBJECTS["Deployment"]["metadata"]["name"]
    assert scaling["minReplicas"] - budget["maxUnavailable"] >= 2
    assert "replicas" not in OBJECTS["Deployment"]["spec"]


def test_nothing_may_be_written_and_nothing_is_root() -> None:
    assert (POD["securityContext"]["runAsNonRoot"], POD["automountServiceAccountToken"]) == (True, False)
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_it_runs_as_the_user_of_the_image() -> None:
    users = [
        line for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if line.startswith("USER")
    ]
    context = POD["securityContext"]
    assert users == [f"USER {context['runAsUser']}:{context['runAsGroup']}"]


def test_every_variable_is_a_setting() -> None:
    given = OBJECTS["ConfigMap"]["data"].keys() | {variable["name"] for variable in CONTAINER["env"]}
    assert given - VARIABLES == set()


def test_every_argument_is_an_option_of_serve() -> None:
    options = {option for parameter in cli.commands["serve"].params for option in parameter.opts}
    assert {argument.partition("=")[0] for argument in CONTAINER["args"]} <= options


def test_secrets_come_from_a_secret_and_from_nowhere_else() -> None:
    references = {variable["name"]: variable["valueFrom"]["secretKeyRef"] for variable in CONTAINER["env"]}
    assert references == {
        "FAKTOORA_STATE": {"name": "faktoora-mcp", "key": "state"},
        "FAKTOORA_STATE_KEYS": {"name": "faktoora-mcp", "key": "state-keys"},
    }


def test_a_pod_has_time_for_its_running_calls() -> None:
    leaving = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["terminationGracePeriodSeconds"] >= leaving + GRACE_S + 5
