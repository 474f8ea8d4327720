"""What tests of attacks share: forged tokens, the services' own ports, somebody of no role whose token is good."""

import json

import pytest
from dev_stack.settings import SERVICES
from security.mint import Mint
from support.grpc_client import GrpcClient


def pytest_collection_modifyitems(items):
    """What all tests have left behind is looked through when they are over."""
    items.sort(key=lambda item: item.path.name == "test_personal_data.py")


@pytest.fixture(scope="session")
def stranger(cast):
    """A resident of a town of their own."""
    town = cast.new_town("别处街道")
    town.add_villages(1)
    return town.newcomer("路人甲", unit=town.villages[0])


@pytest.fixture(scope="session")
def mint(stack, stranger):
    return Mint(stack, stranger.token())


@pytest.fixture(scope="session")
def inside(api, stack):
    """{service: client of its own port}, past the edge, as something on the inner network would come."""
    clients = {name: GrpcClient(api, f"http://{address_of(stack, name)}") for name in SERVICES}
    yield clients
    for client in clients.values():
        client.close()


def address_of(stack, service):
    """Where the service listens, as it was started."""
    command = json.loads((stack.home / "run" / f"{service}.json").read_text())["command"]
    flags = dict(word.removeprefix("--").partition("=")[::2] for word in command if word.startswith("--"))
    return f"{flags['address']}:{flags['port']}"
