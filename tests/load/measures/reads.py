"""Reading one row with everything on: token, policy, validation, metrics, log."""

from measures.stack import ECHO, Stack


def read(table):
    """GetEvent, against a bare echo of the same binary asked with the same headers."""
    with Stack(services=["event", ECHO]) as stack:
        for in_flight, least in ((64, 0.50), (256, 0.45)):
            stack.rate("event", "get_event", 20000, in_flight=in_flight)
            table.compare(
                f"GetEvent, {in_flight} in flight, against the bare echo",
                lambda: (stack.rate("event", "get_event", 150000, in_flight=in_flight),
                         stack.rate(ECHO, "echo", 200000, in_flight=in_flight)),
                least=least, goal=0.6)


def read_json(table):
    """GetEvent through Envoy as JSON, against Envoy in front of the bare echo."""
    with Stack(services=["event", ECHO]) as stack:
        stack.serve_edge()
        stack.serve_edge(to_echo=True)
        for in_flight in (64, 256):
            for edge, load in (("edge", "get_event_json"), ("edge_to_echo", "echo_json")):
                stack.rate(edge, load, 5000, in_flight=in_flight)
            table.compare(
                f"GetEvent as JSON through the edge, {in_flight} in flight, against the edge before the bare echo",
                lambda: (stack.rate("edge", "get_event_json", 30000, in_flight=in_flight),
                         stack.rate("edge_to_echo", "echo_json", 30000, in_flight=in_flight)),
                least=0.7, goal=0.9)
