"""Every object is what the API server of that version takes, and no field of it is unknown there."""

import pytest
import kubernetes_validate
from rendered import FOREIGN, VERSION, containers, label, pod

KUBERNETES = "1.37"


def test_every_object_fits_its_schema(overlay):
    for one in overlay.objects:
        if one["apiVersion"] not in FOREIGN:
            kubernetes_validate.validate(one, KUBERNETES, strict=True)


def test_an_unknown_field_would_be_found(laptop):
    broken = dict(laptop.one("Deployment", "event"), replica=1)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


def test_no_placeholder_is_left(overlay):
    for one in overlay.objects:
        if one["kind"] != "ConfigMap":  # the edge's configuration has words of its own
            assert "SERVICE" not in str(one) and "VERSION" not in str(one), one["metadata"]["name"]


def test_all_is_in_one_namespace(overlay):
    (namespace,) = overlay.names("Namespace")
    for one in overlay.objects:
        assert one["kind"] == "Namespace" or one["metadata"].get("namespace") == namespace, one["metadata"]


def test_migrations_are_named_by_version(overlay):
    deployments = {one["metadata"]["name"] for one in overlay.all("Deployment")} - {"edge"}
    assert overlay.names("Job") == {f"{name}-migrate-{VERSION}" for name in deployments}


def test_pods_are_restricted(overlay):
    (namespace,) = overlay.all("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for workload in overlay.workloads():
        rules = pod(workload)["securityContext"]
        assert rules["runAsNonRoot"] and rules["runAsUser"] == 65532, label(workload)
        assert rules["seccompProfile"] == {"type": "RuntimeDefault"}, label(workload)
        assert pod(workload)["automountServiceAccountToken"] is False, label(workload)
        for container in containers(workload):
            inner = container["securityContext"]
            assert inner["readOnlyRootFilesystem"] and not inner["allowPrivilegeEscalation"], label(workload)
            assert inner["capabilities"] == {"drop": ["ALL"]}, label(workload)
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, label(workload)
            assert "memory" in container["resources"]["limits"], label(workload)


def test_pods_may_finish_what_they_do(overlay):
    """preStop, linger and drain together end before the pod is killed."""
    settings = next(one["data"] for one in overlay.all("ConfigMap") if one["metadata"]["name"].startswith("settings-"))
    drain = sum(int(settings[name].removesuffix("s")) for name in ("PINGAN_DRAIN_LINGER", "PINGAN_DRAIN_GRACE"))
    for workload in overlay.all("Deployment"):
        (container,) = containers(workload)
        before = container["lifecycle"]["preStop"]
        if "sleep" in before:
            needed = before["sleep"]["seconds"] + drain
        else:
            needed = int(before["exec"]["command"][-1])
        assert needed + 5 <= pod(workload)["terminationGracePeriodSeconds"], label(workload)
