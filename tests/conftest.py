"""What tests of the running stack share: the stack, its people, the API's descriptors and three kinds of clients.

With PINGAN_EDGE and PINGAN_STATUS_JSON (a file with the output of `deploy/dev/status --json`) the tests use the stack that
runs; without them they start one of their own, with its own folder and ports, and stop it at the end.
"""

import dev_stack  # noqa: F401  (before gRPC: it says how to import it)
import pytest
from demo_town.edge_client import Edge
from support.cast import Cast
from support.descriptors import Api
from support.grpc_client import GrpcClient
from support.reference import Reference
from support.stack import Stack, api_descriptors
from support.web_client import WebClient


@pytest.fixture(scope="session")
def api():
    return Api(api_descriptors())


@pytest.fixture(scope="session")
def reference(api):
    return Reference(api)


@pytest.fixture(scope="session", autouse=True)
def every_answer_is_in_the_reference(request):
    """Whatever a test asks the edge for by JSON, its answer is one that the reference describes."""
    send = Edge.send

    def checked(edge, method, path, body=None, headers=None):
        answer = send(edge, method, path, body, headers)
        request.getfixturevalue("reference").check_answer(method, path, answer)
        return answer

    Edge.send = checked
    yield
    Edge.send = send


@pytest.fixture(scope="session")
def stack():
    running = Stack.running() or Stack.started()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def edge(stack):
    return stack.edge


@pytest.fixture(scope="session")
def cast(stack):
    return Cast(stack)


@pytest.fixture(scope="module")
def town(cast):
    """A fresh town of the demo's city with two communities and two enterprises, for the tests of one file."""
    fresh = cast.new_town()
    fresh.add_villages(2)
    fresh.add_enterprises(2)
    return fresh


@pytest.fixture(scope="session")
def grpc_client(api, stack):
    client = GrpcClient(api, stack.edge.address)
    yield client
    client.close()


@pytest.fixture(scope="session")
def web_client(stack):
    client = WebClient(api_descriptors(), stack.edge.address)
    yield client
    client.close()
