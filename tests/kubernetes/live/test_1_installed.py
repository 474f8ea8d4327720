"""What the README's commands made: every part stands, the demo town is in it, and people do their work through its edge."""

import json
import os
import subprocess
import sys

import pytest
from kubectl import PARTS, Failed, deployments, get, is_ready, kubectl, pods
from rendered import ROOT

FIGURES = {"villages": 17, "enterprises": 47, "heldEvents": 346, "talks": 260, "otherEvents": 86}
WORK = ["test_demo_data.py", "test_clients.py", *(file.name for file in sorted((ROOT / "tests/e2e").glob("test_job_*.py")))]


def test_every_schema_was_brought_to_this_version(installed):
    jobs = {job["metadata"]["name"]: job["status"] for job in get("jobs")}
    assert set(jobs) >= {f"{name}-migrate-{installed.version}" for name in set(deployments()) - {"edge"}}
    assert all(status.get("succeeded") == 1 for status in jobs.values()), jobs


def test_every_pod_is_ready_and_of_this_version(installed):
    found = pods(PARTS)
    assert len(found) >= 6 and all(map(is_ready, found))
    assert {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in found} == {installed.version}


@pytest.mark.parametrize("harm", [{"runAsUser": 0, "runAsNonRoot": False}, {"privileged": True}])
def test_the_namespace_takes_no_pod_with_more_rights(installed, harm):
    (pod, *_) = pods(PARTS)
    spec = json.loads(json.dumps(pod["spec"]))
    spec["containers"][0]["securityContext"].update(harm, allowPrivilegeEscalation="privileged" in harm)
    harmful = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "harmful"}, "spec": spec}
    with pytest.raises(Failed, match="violates PodSecurity"):
        kubectl("apply", "--dry-run=server", "-f", "-", text=json.dumps(harmful))


def test_the_demo_town_is_there(installed):
    summary = installed.edge.get("/v1/towns/330481003/events:summarize")
    assert {key: summary[key] for key in FIGURES} == FIGURES


def test_people_do_their_work_through_the_edge(installed, tmp_path):
    """The jobs of tests/e2e, which take any running stack."""
    (tmp_path / "status.json").write_text(json.dumps(installed.status))
    environment = dict(os.environ, PINGAN_EDGE=installed.edge.address, PINGAN_STATUS_JSON=str(tmp_path / "status.json"))
    tests = [f"tests/e2e/{name}" for name in WORK]
    done = subprocess.run([sys.executable, "-B", "-m", "pytest", "-q", *tests], cwd=ROOT, env=environment, check=False,
                          stdout=subprocess.PIPE, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-8000:]
    print(done.stdout[-300:], file=sys.stderr)
