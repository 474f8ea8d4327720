"""Overlays as kustomize renders them, and what is asked of the result."""

import os
import pathlib
import shutil
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBECTL = ROOT / "build/tools/bin/kubectl"
VERSION = "1.2.3-test"
REGISTRY = "registry.example:5000/county/pingan"  # with a colon and slashes, as registries have
# Kinds that operators define, with the field below which they have a pod's or a database's shape; no schema is here for them.
FOREIGN = {"postgresql.cnpg.io/v1", "barmancloud.cnpg.io/v1", "monitoring.coreos.com/v1"}


class Rendered:
    def __init__(self, objects):
        self.objects = objects

    def all(self, *kinds):
        return [one for one in self.objects if one["kind"] in kinds]

    def one(self, kind, name):
        (found,) = [one for one in self.all(kind) if one["metadata"]["name"] == name]
        return found

    def names(self, kind):
        return {one["metadata"]["name"] for one in self.all(kind)}

    def workloads(self):
        return self.all("Deployment", "StatefulSet", "Job")


def render(overlay, copy):
    """The overlay of deploy/kubernetes, with its files of the build made anew, as a stranger's copy of the folder gives it."""
    for folder in ("kubernetes", "observability"):
        shutil.copytree(ROOT / "deploy" / folder, copy / folder, dirs_exist_ok=True)
    folder = copy / "kubernetes/overlays" / overlay
    environment = dict(os.environ, PINGAN_BUILD=os.environ.get("PINGAN_BUILD", str(ROOT / "build/release")))
    subprocess.run([ROOT / "deploy/kubernetes/configure", folder, VERSION, REGISTRY], check=True, env=environment)
    said = subprocess.run([KUBECTL, "kustomize", folder], check=True, stdout=subprocess.PIPE)
    return Rendered(list(yaml.safe_load_all(said.stdout)))


def pod(workload):
    return workload["spec"]["template"]["spec"]


def labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def containers(workload):
    return pod(workload)["containers"]


def label(workload):
    return f"{workload['kind']} {workload['metadata']['name']}"


def selects(selector, of):
    """Whether a label selector takes the labels; an absent one takes nothing, an empty one all."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels", {}).items()
    return all(of.get(key) == value for key, value in wanted) and all(
        expression["operator"] == "In" and of.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", []))


def port_number(workload, name_or_number):
    """The number of a container's port; a KeyError when no container has one of this name."""
    ports = {port["name"]: port["containerPort"] for one in containers(workload) for port in one.get("ports", [])}
    return ports[name_or_number] if isinstance(name_or_number, str) else name_or_number
