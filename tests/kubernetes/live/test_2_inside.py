"""What a program sees of its own surroundings, looked at from beside it."""

import pytest
from kubectl import PARTS, named, pods
from visitor import look_inside

LOOK = """
cat /proc/1/status
: > /proc/1/root/planted && echo planted
[ -e /proc/1/root/var/run/secrets/kubernetes.io ] && echo token
[ -e /proc/1/root/bin/sh ] && echo shell
exit 0
"""


@pytest.mark.parametrize("part", ["directory", "event", "volunteer", "pairing", "exchange", "edge"])
def test_it_is_nobody_and_can_change_nothing(installed, visitors, part):
    said = look_inside(pods(named(part))[0], f"{{ {LOOK} }} 2>&1")
    status = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert set(status["Uid"].split() + status["Gid"].split()) == {"65532"}
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")  # 2: a filter
    assert "/proc/1/root/planted: Read-only file system" in said
    assert not {"planted", "token", "shell"} & set(said.splitlines())


def test_no_part_may_speak_to_the_api_server(installed):
    for pod in pods(PARTS):
        mounts = [mount["mountPath"] for container in pod["spec"]["containers"] for mount in container["volumeMounts"]]
        assert not any("serviceaccount" in path for path in mounts)
