import os
import pathlib
import subprocess
import sys

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "deploy/images")]

from rendered import render  # noqa: E402

OVERLAYS = sorted(path.parent.name for path in (ROOT / "deploy/kubernetes/overlays").glob("*/kustomization.yaml"))


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("PINGAN_BUILD", ROOT / "build/release"))


@pytest.fixture(scope="session")
def overlays(tmp_path_factory):
    return {overlay: render(overlay, tmp_path_factory.mktemp(overlay)) for overlay in OVERLAYS}


@pytest.fixture(params=OVERLAYS)
def overlay(request, overlays):
    return overlays[request.param]


@pytest.fixture(scope="session")
def laptop(overlays):
    return overlays["laptop"]


@pytest.fixture(scope="session")
def county(overlays):
    return overlays["county"]


@pytest.fixture(scope="session")
def secret_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="session")
def secrets(secret_folder):
    """{name: {key: value}} of the secrets that the documented command makes."""
    said = subprocess.run([ROOT / "deploy/kubernetes/secrets", secret_folder], check=True, stdout=subprocess.PIPE)
    return {one["metadata"]["name"]: one["data"] for one in yaml.safe_load_all(said.stdout)}
