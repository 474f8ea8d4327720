"""Every mutant can still be made of this tree; tests/faults/mutants/run makes them and sees them caught."""

import subprocess

import pytest
from faults.mutants import MUTANTS, expected
from support.stack import ROOT


@pytest.mark.parametrize("patch", MUTANTS, ids=lambda patch: patch.stem)
def test_the_patch_applies(patch):
    assert expected(patch)
    subprocess.run(["git", "apply", "--check", str(patch)], cwd=ROOT, check=True)


def test_there_are_mutants():
    assert len(MUTANTS) >= 4
