"""`deploy/dev/up --observe`: a Prometheus that sees every part and finds no fault in the rules."""

import json
import urllib.request

import pytest
from dev_stack import observe
from dev_stack.parts import Parts
from dev_stack.settings import SERVICES, Settings
from support.ports import is_free


@pytest.fixture(scope="module")
def prometheus(stack):
    """Beside the stack of the tests, as `up --observe` starts it."""
    port = next(port for port in range(stack.edge.port + 2, stack.edge.port + 2000, 20) if is_free(port))
    parts = Parts(Settings({**stack.environment, "PINGAN_PROMETHEUS_PORT": str(port)}))
    observe.start(parts)
    yield parts.settings
    assert observe.process(parts.settings).stop()


def ask(prometheus, what):
    with urllib.request.urlopen(f"{observe.url(prometheus)}/api/v1/{what}", timeout=10) as answer:
        return json.loads(answer.read())["data"]


def test_all_targets_are_up(prometheus):
    seen = {part.split(" ")[0]: state for part, state in observe.targets(prometheus).items()}
    assert seen == dict.fromkeys([*SERVICES, "edge"], "up")


def test_the_rules_are_loaded(prometheus):
    rules = [rule for group in ask(prometheus, "rules")["groups"] for rule in group["rules"]]
    assert {"CallsFailFast", "job:pingan_calls_failed:ratio_rate5m"} <= {rule["name"] for rule in rules}
    assert all(rule["health"] in ("ok", "unknown") for rule in rules), rules
