"""A visitor with a shell, which no image of ours has: beside a pod's process, to see it from inside, or as a pod that
knocks at others' ports."""

import json
import pathlib
import subprocess

from image_files import contents
from installation import bring
from kubectl import NAMESPACE, eventually, get, kubectl, pods
from rendered import ROOT

HERE = pathlib.Path(__file__).resolve().parent
IMAGE = "localhost/pingan/visitor:1"
PROGRAMS = ["/bin/bash", "/bin/cat", "/usr/bin/timeout", "/bin/sleep"]
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 65532,
              "seccompProfile": {"type": "RuntimeDefault"}}


def make_image(folder):
    """Made of the machine's own programs, as the images of deploy/images are, and brought into the cluster."""
    files = contents.Files(folder / "visitor")
    for program in PROGRAMS:
        files.copy(program, program, with_libraries=True)
    storage = ROOT / "build/images"
    buildah = ["buildah", "--root", storage / "storage", "--runroot", storage / "run", "--storage-driver", "vfs"]
    archive = folder / "visitor.tar"
    subprocess.run([*buildah, "bud", "--quiet", "--isolation", "chroot", "--file", HERE / "visitor.Containerfile",
                    "--tag", IMAGE, folder / "visitor"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*buildah, "push", "--quiet", IMAGE, f"docker-archive:{archive}:{IMAGE}"], check=True)
    subprocess.run([*buildah, "rmi", "--force", IMAGE], check=True, stdout=subprocess.DEVNULL)
    bring(archive)


def look_inside(pod, script):
    """What a script prints that runs beside the pod's first container, in its namespace of processes: 1 is the program."""
    name, target = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
    visitor = f"visitor-{len(pod['spec'].get('ephemeralContainers', [])) + 1}"
    kubectl("debug", name, f"--image={IMAGE}", "--image-pull-policy=IfNotPresent", f"--target={target}", f"--container={visitor}",
            "--profile=restricted", "--quiet", "--attach=false", "--arguments-only", "--", script)

    def ended():
        states = get("pod", name)["status"].get("ephemeralContainerStatuses", [])
        return any(one["name"] == visitor and "terminated" in one["state"] for one in states)

    eventually(ended, 90, f"a visit in {name}")
    return kubectl("logs", name, "-c", visitor)


def stand_in(name, labels):
    """A pod that has somebody's labels, so that policies take it for them, but is never ready, so that no call comes to it."""
    container = {"name": "visitor", "image": IMAGE, "args": ["exec sleep 3600"], "imagePullPolicy": "IfNotPresent",
                 "securityContext": RESTRICTED, "readinessProbe": {"exec": {"command": ["/none"]}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {**labels, "pingan-test": "visitor"}},
            "spec": {"containers": [container], "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0}}


def wait_for_stand_ins(namespace=NAMESPACE):
    """{name: address}, once all of them run."""
    def running():
        found = pods("pingan-test=visitor", namespace=namespace)
        states = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in found}
        assert set(states.values()) == {"Running"}, json.dumps(states)
        return {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in found}

    return eventually(running, 120, "visitors")


KNOCK = """
knock() { timeout 3 bash -c ": < /dev/tcp/$1/$2" 2> /dev/null; echo "$1 $2 $?"; }
for door in %s; do knock ${door/:/ } & done; wait
"""


def knock(name, doors, namespace=NAMESPACE):
    """Which of the doors [(address, port)] take a connection from this visitor. One that refuses answered, too."""
    script = KNOCK % " ".join(f"{address}:{port}" for address, port in doors)
    said = kubectl("exec", name, "--", "/bin/bash", "-c", script, namespace=namespace)
    answers = [line.split() for line in said.splitlines()]
    assert len(answers) == len(doors), said
    return {(address, int(port)) for address, port, code in answers if code != "124"}
