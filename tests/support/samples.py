"""Names and paths of the right form that name nothing."""

import re

SAMPLE_ID = "00000000-0000-7000-8000-000000000000"
SAMPLE_IDS = {"towns": "330481003", "units": "330481003001"}


def sample_name(pattern):
    """`towns/*/events/*` with an id for every star."""
    segments = pattern.split("/")
    return "/".join(
        SAMPLE_IDS.get(segments[i - 1], SAMPLE_ID) if s == "*" else s for i, s in enumerate(segments)
    )


def sample_path(binding):
    """An HTTP path of the binding that reaches its method."""
    return re.sub(r"\{[a-z_.]+=([^}]*)\}", lambda found: sample_name(found.group(1)), binding.path)
