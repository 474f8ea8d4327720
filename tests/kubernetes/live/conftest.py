"""These tests need a cluster of their own: KUBECONFIG names it, and PINGAN_CLUSTER_LOAD is the command that brings an image
into it. deploy/kubernetes/README.md says more."""

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import visitor  # noqa: E402
from installation import Installation  # noqa: E402
from kubectl import NAMESPACE, get  # noqa: E402

NEEDED = ("KUBECONFIG", "PINGAN_CLUSTER_LOAD")


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The laptop's overlay with the demo town; taken away at the end, unless PINGAN_CLUSTER_HOME says where to go on with it."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no cluster: {' and '.join(missing)} must be set, see deploy/kubernetes/README.md")
    kept = os.environ.get("PINGAN_CLUSTER_HOME")
    home = pathlib.Path(kept).absolute() if kept else tmp_path_factory.mktemp("cluster")
    home.mkdir(parents=True, exist_ok=True)
    ours = (home / "secrets").exists()
    assert ours or not get("namespaces", f"--field-selector=metadata.name={NAMESPACE}"), "pingan is in this cluster already"
    made = Installation(home)
    try:
        made.install()
        yield made
    finally:
        made.leave(stays=bool(kept))


@pytest.fixture(scope="session")
def visitors(installed, tmp_path_factory):
    """The image of the visitor is in the cluster."""
    visitor.make_image(tmp_path_factory.mktemp("visitor"))
