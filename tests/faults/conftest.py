"""One field for all tests here, because a stack takes a minute to start. PINGAN_FAULTS_SEED sets what is random."""

import os
import random

import pytest
from faults.field import Field


@pytest.fixture(scope="session")
def field():
    seed = int(os.environ.get("PINGAN_FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    made = Field(seed)
    yield made
    made.stop()
