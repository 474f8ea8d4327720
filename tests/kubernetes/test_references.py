"""Whatever an object names is there: pods, ports, secrets, settings, programs, flags."""

import re
import subprocess

import grpc
import pytest
from image_files import contents
from rendered import REGISTRY, ROOT, VERSION, containers, label, labels, pod, port_number, selects

# What the county brings itself; deploy/kubernetes/README.md says how.
BROUGHT = {"edge-certificate": {"tls.crt", "tls.key"}, "backup-store": {"ACCESS_KEY_ID", "ACCESS_SECRET_KEY"}}


def test_selectors_find_pods(overlay):
    for service in overlay.all("Service"):
        found = [one for one in overlay.workloads() if selects({"matchLabels": service["spec"]["selector"]}, labels(one))]
        assert len(found) == 1, f"{label(service)} selects {[label(one) for one in found]}"
        for port in service["spec"]["ports"]:
            port_number(found[0], port["targetPort"])
    for workload in overlay.all("Deployment", "StatefulSet"):
        assert selects(workload["spec"]["selector"], labels(workload)), label(workload)
        for spread in pod(workload).get("topologySpreadConstraints", []):
            assert spread["labelSelector"] == workload["spec"]["selector"], label(workload)
    for budget in overlay.all("PodDisruptionBudget"):
        found = [one for one in overlay.workloads() if selects(budget["spec"]["selector"], labels(one))]
        assert [one["metadata"]["name"] for one in found] == [budget["metadata"]["name"]]


def test_a_selector_never_takes_pods_of_two(overlay):
    for workload in overlay.all("Deployment", "StatefulSet"):
        found = [one for one in overlay.workloads() if selects(workload["spec"]["selector"], labels(one))]
        assert found == [workload], label(workload)


def test_accounts_and_scaled_workloads_exist(overlay):
    for workload in overlay.workloads():
        assert pod(workload)["serviceAccountName"] in overlay.names("ServiceAccount"), label(workload)
    for account in overlay.all("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    for scaler in overlay.all("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        assert "replicas" not in overlay.one(target["kind"], target["name"])["spec"], "two would say how many there are"


def sources(volume):
    """(kind, name, keys) of what a volume is made of."""
    for source in volume.get("projected", {}).get("sources", [volume]):
        if "secret" in source:
            secret = source["secret"]
            yield "Secret", secret.get("name") or secret["secretName"], {item["key"] for item in secret["items"]}
        elif "configMap" in source:
            yield "ConfigMap", source["configMap"]["name"], set()
        else:
            assert "emptyDir" in source, volume


def test_secrets_and_settings_exist(overlay, secrets):
    known = {name: set(data) for name, data in secrets.items()} | BROUGHT
    used = set()
    for workload in overlay.workloads():
        for volume in pod(workload)["volumes"]:
            for kind, name, keys in sources(volume):
                if kind == "ConfigMap":
                    assert name in overlay.names("ConfigMap"), f"{label(workload)}: {name}"
                else:
                    assert keys and keys <= known.get(name, set()), f"{label(workload)}: {name} {keys}"
                    used.add(name)
        for container in containers(workload):
            for source in container.get("envFrom", []):
                assert source["configMapRef"]["name"] in overlay.names("ConfigMap"), label(workload)
    assert set(secrets) - used <= {"database-superuser", "database-roles"}, "secrets that nobody mounts"


def test_mounts_have_volumes_and_files(overlay):
    for workload in overlay.workloads():
        volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
        volumes |= {claim["metadata"]["name"]: claim for claim in workload["spec"].get("volumeClaimTemplates", [])}
        for container in containers(workload):
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert mounted == set(volumes), label(workload)
            for mount in container["volumeMounts"]:
                if "subPath" in mount:
                    config = overlay.one("ConfigMap", volumes[mount["name"]]["configMap"]["name"])
                    assert mount["subPath"] in config["data"], label(workload)


def test_the_keys_a_service_mounts_are_where_it_looks(overlay, secrets, secret_folder):
    """As `directory keys init` laid them out: the same paths below the folder of secrets."""
    for workload in overlay.all("Deployment"):
        if labels(workload)["app.kubernetes.io/component"] != "service":
            continue
        (projected,) = [volume["projected"] for volume in pod(workload)["volumes"] if volume["name"] == "secrets"]
        paths = {item["path"] for source in projected["sources"] for item in source["secret"]["items"]}
        assert all((secret_folder / path).is_file() for path in paths), label(workload)
        name = workload["metadata"]["name"]
        assert paths >= {f"services/{name}.key", "users/jwks.json", "services.jwks.json"}
        foreign = {path for path in paths if path.endswith(".key")} - {f"services/{name}.key"}
        assert name == "directory" or not foreign, f"{name} holds keys of others: {foreign}"


def test_images_are_those_that_are_built(overlay, tmp_path):
    built = contents.images(ROOT, tmp_path)
    for workload in overlay.workloads():
        for container in containers(workload):
            assert container["image"].startswith(f"{REGISTRY}/") and container["image"].endswith(f":{VERSION}")
            name = container["image"].removeprefix(f"{REGISTRY}/").removesuffix(f":{VERSION}")
            assert name in built, label(workload)
            if name not in ("edge", "postgres"):
                assert name == labels(workload)["app.kubernetes.io/name"], label(workload)


@pytest.fixture(scope="module")
def flags(build):
    """{flag of services}, as the program itself tells them."""
    said = subprocess.run([build / "bin/directory", "--helpfull"], stdout=subprocess.PIPE, text=True, check=False).stdout
    return set(re.findall(r"--([a-z_]+) \(", said))


def test_settings_and_arguments_are_flags(overlay, flags):
    settings = next(one["data"] for one in overlay.all("ConfigMap") if one["metadata"]["name"].startswith("settings-"))
    assert {name.removeprefix("PINGAN_").lower() for name in settings} <= flags
    for workload in overlay.workloads():
        if labels(workload)["app.kubernetes.io/component"] in ("service", "migration"):
            words = [word for container in containers(workload) for word in container["args"]]
            assert words[0] in ("serve", "migrate"), label(workload)
            assert {word[2:].split("=")[0] for word in words[1:]} <= flags, label(workload)


def test_peers_are_the_services_at_their_ports(overlay):
    settings = next(one["data"] for one in overlay.all("ConfigMap") if one["metadata"]["name"].startswith("settings-"))
    peers = dict(peer.split("=dns:///") for peer in settings["PINGAN_PEERS"].split(","))
    ports = {one["metadata"]["name"]: one["spec"]["ports"][0]["port"] for one in overlay.all("Service")
             if one["metadata"]["name"] not in ("edge", "database")}
    assert peers == {name: f"{name}:{port}" for name, port in ports.items()}
    assert {int(settings["PINGAN_PORT"])} == set(ports.values())
    for name in ports:
        assert port_number(overlay.one("Deployment", name), "metrics") == int(settings["PINGAN_METRICS_PORT"])


def test_probes_ask_for_what_is_told(overlay, stack):
    """The services of the health protocol that probes ask for are told by every service; others are unknown to it."""
    asked = {probe["grpc"]["service"] for workload in overlay.all("Deployment") for container in containers(workload)
             for kind, probe in container.items() if kind.endswith("Probe") and "grpc" in probe}
    assert asked == {"liveness", "readiness"}
    for part, state in stack.status["parts"].items():
        if "metrics" in state:
            assert [health(state["address"], service) for service in ("liveness", "readiness", "other")] == [1, 1, None], part


def health(address, service):
    """The serving status, or None when the service is unknown."""
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            return check(b"\n" + bytes([len(service)]) + service.encode(), timeout=10)[1]
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND
            return None
