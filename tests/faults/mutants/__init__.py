"""Builds that are wrong on purpose, as patches. The text before a patch says what it does and, after `expect:`, words of the
checker's that it must cause."""

import pathlib
import re

MUTANTS = sorted(pathlib.Path(__file__).parent.glob("*.patch"))


def expected(patch):
    return re.search(r"^expect: (.+)$", patch.read_text(encoding="utf-8"), re.MULTILINE).group(1)
