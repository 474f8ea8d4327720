"""Rules and dashboards: sound, tested, explained, and about metrics that exist."""

import json
import re
import subprocess
import urllib.request

import pytest
import yaml
from dev_stack import observe

FOLDER = observe.ROOT / "deploy/observability"
PROMTOOL = observe.ROOT / "build/tools/bin/promtool"
RULES = yaml.safe_load(observe.RULES.read_text(encoding="utf-8"))["spec"]["groups"]
ALERTS = {rule["alert"]: rule for group in RULES for rule in group["rules"] if "alert" in rule}
RECORDED = {rule["record"] for group in RULES for rule in group["rules"] if "record" in rule}
DASHBOARDS = sorted((FOLDER / "dashboards").glob("*.json"))
OF_PROMETHEUS = {"up"}


@pytest.fixture(scope="module")
def plain_rules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.plain.yaml").write_text(observe.plain_rules())
    (folder / "rules_test.yaml").write_text((FOLDER / "rules_test.yaml").read_text())
    return folder


def promtool(*words, cwd):
    done = subprocess.run([PROMTOOL, *words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_rules_are_sound(plain_rules):
    promtool("check", "rules", "rules.plain.yaml", cwd=plain_rules)


def test_rules_wake_when_they_should(plain_rules):
    promtool("test", "rules", "rules_test.yaml", cwd=plain_rules)


def test_every_alert_is_explained_and_says_how_urgent_it_is():
    headings = re.findall(r"^## (\w+)$", (FOLDER / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == list(ALERTS)
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} == {"page", "ticket"}
    assert all("summary" in rule["annotations"] for rule in ALERTS.values())


def test_every_alert_is_tested_except_the_slow_windows():
    tested = {one["alertname"] for test in yaml.safe_load((FOLDER / "rules_test.yaml").read_text())["tests"]
              for one in test["alert_rule_test"]}
    assert set(ALERTS) - tested == {"CallsFailSlowly", "CallsAreSlow", "CallsAreSlowSlowly"}


def expressions():
    """(where, expression) of all rules and panels."""
    for group in RULES:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]


def metrics_of(expression):
    """Names of metrics: words that are followed by a selector or stand where a metric stands, without labels and functions."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\b(by|on|ignoring|without)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}", "{}", bare)
    return {word for word in re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w|\s*\()", bare)
            if re.search(r"_|^up$", word) and not word.startswith("__")}


@pytest.fixture(scope="module")
def exposed(stack):
    """{metric: {label: values}} that edge and services tell."""
    found = {}
    parts = stack.status["parts"]
    for url in [part["metrics"] for part in parts.values() if "metrics" in part] + [
            stack.status["addresses"]["edge_admin"] + "/stats/prometheus"]:
        with urllib.request.urlopen(url, timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                series = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", line)
                if series and not line.startswith("#"):
                    labels = found.setdefault(series[1], {})
                    for label, value in re.findall(r'(\w+)="([^"]*)"', series[2] or ""):
                        labels.setdefault(label, set()).add(value)
    return found


def test_every_metric_of_rules_and_dashboards_exists(exposed):
    named = {}
    for where, expression in expressions():
        for metric in metrics_of(expression):
            named.setdefault(metric, []).append(where)
    assert {"pingan_calls_total", "pingan_queue_waiting", "envoy_cluster_membership_healthy"} <= set(named), "none was found"
    unknown = {metric: where for metric, where in named.items() if metric not in exposed.keys() | RECORDED | OF_PROMETHEUS}
    assert not unknown


def test_every_label_and_method_exists(exposed):
    """What a selector says of a metric's labels is true of some series: another spelling would match nothing, for ever."""
    checked = 0
    for where, expression in expressions():
        for metric, selector in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expression):
            for label, operator, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', selector):
                if label == "job" or metric not in exposed:
                    continue  # given by who scrapes
                assert label in exposed[metric], f"{where}: {metric} has no {label}"
                if operator in ("=", "=~"):
                    pattern = value if operator == "=~" else re.escape(value)
                    assert any(re.fullmatch(pattern, known) for known in exposed[metric][label]), f"{where}: {label} {value}"
                    checked += 1
    assert checked > 30


def test_dashboards_are_whole():
    assert [file.stem for file in DASHBOARDS] == ["calls", "inside", "town"]
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        assert dashboard["uid"] == f"pingan-{file.stem}"
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
        assert len(places) == len(set(places)), f"{file.stem}: panels lie on each other"
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(places)


def test_healthy_services_say_so(exposed, stack):
    for service in observe.SERVICES:
        with urllib.request.urlopen(stack.status["parts"][service]["metrics"], timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        told = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}
        assert told["pingan_ready"] == 1, service
        assert told['pingan_queue_limit{queue="writes"}'] == 4096, service
        assert told['pingan_keys_sound{keys="users"}'] == told['pingan_keys_sound{keys="services"}'] == 1, service
        assert told['pingan_keys_begin_timestamp_seconds{keys="users"}'] > 1.7e9, service
