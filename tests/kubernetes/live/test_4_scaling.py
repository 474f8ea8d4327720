"""Services grow with their work and shrink again: the county's autoscalers, on the laptop's installation."""

import contextlib
import http.client
import threading

import pytest
from kubectl import eventually, get, is_ready, kubectl, named, pods, scale

READERS = 4
QUESTION = "/v1/towns/330481003/events?pageSize=100"
# Of processor time alone, because calls in flight need an adapter of Prometheus; and back after a quarter of a minute.
SCALING = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../laptop]
components: [../../components/autoscaling]
patches:
- target: {kind: HorizontalPodAutoscaler, name: directory|event|volunteer|pairing|exchange}
  patch: |
    - {op: remove, path: /spec/metrics/1}
- target: {kind: HorizontalPodAutoscaler}
  patch: |
    - op: replace
      path: /spec/behavior/scaleDown
      value: {stabilizationWindowSeconds: 15, policies: [{type: Pods, value: 1, periodSeconds: 15}]}
"""


@pytest.fixture
def autoscaled(installed):
    folder = installed.overlay.parent / "scaling"
    folder.mkdir(exist_ok=True)
    (folder / "kustomization.yaml").write_text(SCALING)
    kubectl("apply", "-k", folder)
    yield
    kubectl("delete", "horizontalpodautoscalers", "--all")
    scale(1)


@pytest.fixture
def readers(installed):
    """Ask event as fast as it answers, until they are told to end. Bare connections: an Edge takes longer than event does."""
    end = threading.Event()

    def read():
        while not end.is_set():
            connection = http.client.HTTPConnection(installed.edge.host, installed.edge.port, timeout=30)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                while not end.is_set():
                    connection.request("GET", QUESTION)
                    connection.getresponse().read()

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    yield threads, end
    end.set()
    for thread in threads:
        thread.join(60)


def pods_of_event(wanted):
    """Whether as many are ready as wanted; says what the autoscaler knows when they are not."""
    ready = sum(map(is_ready, pods(named("event"))))
    assert wanted(ready), f"{ready} ready; {get('hpa', 'event')['status']}"
    return True


def test_event_grows_with_its_work_and_shrinks(autoscaled, readers):
    threads, end = readers
    eventually(lambda: pods_of_event(lambda ready: ready == 2), 300, "the two that there are at the least")
    for thread in threads:
        thread.start()
    eventually(lambda: pods_of_event(lambda ready: ready > 2), 300, "more pods")
    end.set()
    eventually(lambda: pods_of_event(lambda ready: ready == 2), 420, "fewer pods")
