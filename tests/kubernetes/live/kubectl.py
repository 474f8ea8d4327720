"""The cluster that KUBECONFIG names, as kubectl shows it."""

import contextlib
import json
import re
import subprocess

from rendered import KUBECTL
from support.waiting import wait_until

NAMESPACE = "pingan"
PARTS = "app.kubernetes.io/component in (service, edge)"  # all that is ours but the database


def eventually(condition, seconds, what="", pause=1.0):
    """As wait_until, at the pace of a cluster: asking it costs a tenth of a second."""
    return wait_until(condition, seconds, what, pause)


class Failed(AssertionError):
    """kubectl, or what it was asked to do, failed; its words."""


def kubectl(*words, text=None, namespace=NAMESPACE, seconds=120):
    """What it prints; `text` is what it reads."""
    command = [KUBECTL, f"--namespace={namespace}", *map(str, words)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise Failed(f"kubectl {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout


def get(*words, **more):
    """An object, or the items of a list."""
    found = json.loads(kubectl("get", *words, "-o", "json", **more))
    return found.get("items", found)


def apply(*objects, **more):
    kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), **more)


def pods(selector, **more):
    """Those that are not about to end."""
    return [pod for pod in get("pods", "-l", selector, **more) if "deletionTimestamp" not in pod["metadata"]]


def named(name):
    """The selector of a service's pods, or of the edge's; its migration is somebody else."""
    return f"app.kubernetes.io/name={name},{PARTS}"


def is_ready(pod):
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def deployments():
    return [one["metadata"]["name"] for one in get("deployments")]


def wait_for_rollout(*names, seconds=240):
    for name in names or deployments():
        kubectl("rollout", "status", f"deployment/{name}", f"--timeout={seconds}s", seconds=seconds + 30)


def scale(replicas, *names):
    """And waits until all of them are ready and none is left over."""
    names = names or deployments()
    kubectl("scale", f"--replicas={replicas}", *(f"deployment/{name}" for name in names))
    wait_for_rollout(*names)
    eventually(lambda: all(len(get("pods", "-l", named(name))) == replicas for name in names), 120, "the end of the others")


def identities(selector):
    """{(pod, restarts)}: equal as long as nothing was restarted."""
    return {(pod["metadata"]["uid"], status["restartCount"]) for pod in pods(selector)
            for status in pod["status"].get("containerStatuses", [])}


@contextlib.contextmanager
def port_forward(target, port):
    """A port of this machine that leads there, as long as the target runs."""
    command = [KUBECTL, f"--namespace={NAMESPACE}", "port-forward", target, f":{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = re.match(r"Forwarding from 127.0.0.1:(\d+)", process.stdout.readline())
            assert said, f"no way to {target}"
            yield int(said[1])
        finally:
            process.terminate()
