"""The network between the parts: slow, losing, swallowing, and in one direction only."""

from faults.nemesis import fault
from faults.switch import OUTSIDE


def has_network(field):
    return field.network is not None


def link(field):
    """Two ends at random: a replica, and the database, another service or the edge."""
    near = field.random.choice(field.replicas())
    others = [name for name in field.replicas() if name.partition("-")[0] != near.partition("-")[0]]
    return near, field.random.choice(["postgres", "postgres", OUTSIDE, field.random.choice(others)])


def both_ways(field, near, far, **rule):
    field.network.rule(near, far, **rule)
    field.network.rule(far, near, **rule)


@fault(needs=has_network, longest=10.0)
def slow_network(field):
    """delay, and packets that overtake each other, between two parts"""
    near, far = link(field)
    delay = field.random.choice([0.005, 0.05, 0.3])
    both_ways(field, near, far, delay=delay, jitter=delay)
    yield f"{delay * 1000:g} ms between {near} and {far}"
    both_ways(field, near, far)


@fault(needs=has_network, longest=10.0)
def lossy_network(field):
    """lost packets between two parts"""
    near, far = link(field)
    loss = field.random.choice([0.02, 0.1, 0.3])
    both_ways(field, near, far, loss=loss)
    yield f"{loss:.0%} lost between {near} and {far}"
    both_ways(field, near, far)


@fault(needs=has_network, longest=20.0)
def black_hole(field):
    """nothing arrives between two parts, and nobody is told"""
    near, far = link(field)
    both_ways(field, near, far, loss=1.0)
    yield f"{near} and {far}"
    both_ways(field, near, far)


@fault(needs=has_network, longest=20.0)
def half_open(field):
    """what one part says does not arrive, what it is told does"""
    ends = link(field)
    near, far = ends if field.random.random() < 0.5 else reversed(ends)
    field.network.rule(near, far, loss=1.0)
    yield f"{near} to {far}"
    field.network.rule(near, far)


@fault(needs=has_network, longest=20.0)
def cut_off(field):
    """a part hears nobody and nobody hears it"""
    name = field.random.choice([*field.replicas(), "postgres"])
    for other in field.network.members:
        if other != name:
            both_ways(field, name, other, loss=1.0)
    yield name
    for other in field.network.members:
        if other != name:
            both_ways(field, name, other)
