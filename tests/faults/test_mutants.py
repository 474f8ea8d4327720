"""Every mutant can still be made of this tree; tests/faults/mutants/run makes them and sees them caught."""

import json
import pathlib
import re
import shlex
import subprocess

import pytest
from faults.mutants import MUTANTS, expected
from support.stack import ROOT, preset_folder

ROOT = pathlib.Path(ROOT)


@pytest.fixture(scope="session")
def compile_commands():
    """{source: words of the command that compiles it} of the build."""
    said = subprocess.run(["ninja", "-C", preset_folder(), "-t", "compdb"], check=True, stdout=subprocess.PIPE).stdout
    entries = json.loads(said[said.index(b"["):])
    return {entry["file"]: shlex.split(entry["command"]) for entry in entries}


@pytest.mark.parametrize("patch", MUTANTS, ids=lambda patch: patch.stem)
def test_the_patched_source_compiles(patch, compile_commands, tmp_path):
    assert expected(patch)
    for name in re.findall(r"^\+\+\+ b/(.+\.cc)$", patch.read_text(encoding="utf-8"), re.MULTILINE):
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "apply", str(patch)], cwd=tmp_path, check=True)
    for copy in tmp_path.rglob("*.cc"):
        source = str(ROOT / copy.relative_to(tmp_path))
        words = [str(copy) if word == source else word for word in compile_commands[source]]
        subprocess.run([*words, "-fsyntax-only"], cwd=preset_folder(), check=True)


def test_there_are_mutants():
    assert len(MUTANTS) >= 4
