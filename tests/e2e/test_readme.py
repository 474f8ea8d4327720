"""The first conversation of README.md works as it stands there, pasted block after block into one shell."""

import os
import re
import subprocess

import pytest
from support.stack import ROOT


def blocks():
    """The shell blocks below "A first conversation"."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        section = re.search(r"^## A first conversation\n(.*?)^## ", file.read(), re.S | re.M).group(1)
    return re.findall(r"^```sh\n(.*?)^```", section, re.S | re.M)


@pytest.fixture(scope="module")
def said(stack):
    """What each block prints."""
    script = "".join(f"{block}\necho; echo '---8<---'\n" for block in blocks())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=stack.environment or os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("---8<---")


def test_the_town_says_what_it_has_done(said):
    assert "17个村社" in said[0] and "346场" in said[0] and "260场" in said[0]


def test_a_resident_signs_up(said):
    assert '"expireTime"' in said[1]
    assert re.search(r'"state": "(CONFIRMED|WAITLISTED)"', said[2])
    assert '"title"' in said[2]


def test_a_refusal_says_why(said):
    assert '"reason"' in said[3] and "zh-CN" in said[3]


def test_the_same_over_grpc(said):
    assert '"key": "RISK"' in said[4].replace('":"', '": "') and '"heldEvents": 346' in said[4].replace(
        '":', '": '
    ).replace("  ", " ")
