"""Our validation and protovalidate find the same fields wrong in some thousand random requests."""

import pathlib
import re
import subprocess

DIFFERENTIAL = pathlib.Path(__file__).with_name("differential")
MESSAGES = 4000


def test_validation_is_that_of_protovalidate():
    ran = subprocess.run([DIFFERENTIAL, str(MESSAGES)], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    counts = re.fullmatch(r"(\d+) messages, (\d+) valid, 0 disagreements", ran.stdout.splitlines()[-1])
    messages, valid = map(int, counts.groups())
    assert messages == MESSAGES
    assert MESSAGES / 20 < valid < MESSAGES, "both verdicts are seen"
