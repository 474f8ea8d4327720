"""CPU time of one call, and throughput and latency over concurrency."""

from measures.stack import ECHO, Stack

IN_FLIGHT = (1, 4, 16, 64, 256, 1024)


def cost(table):
    """CPU of service and database for 1,000 calls."""
    with Stack(services=["event", "volunteer", ECHO]) as stack:
        stack.sign_up(5000, in_flight=64)
        stack.rate("event", "get_event", 20000, in_flight=64)
        for load, service, calls in (("echo", ECHO, 200000), ("get_event", "event", 150000),
                                     ("sign_up", "volunteer", 40000)):
            people = stack.newcomers(calls) if load == "sign_up" else {}
            for name, used in stack.cost(service, load, calls, in_flight=64, **people).items():
                table.add(f"CPU of {name} for 1,000 {load}, 64 in flight", used, None, "ms")


def curves(table):
    """Throughput and latency of GetEvent, the bare echo and SignUp over concurrency."""
    with Stack(services=["event", "volunteer", ECHO]) as stack:
        for load, service in (("echo", ECHO), ("get_event", "event"), ("sign_up", "volunteer")):
            for in_flight in IN_FLIGHT:
                calls = min(100000, 3000 * in_flight) // (4 if load == "sign_up" else 1)
                result = (stack.sign_up(calls, in_flight=in_flight) if load == "sign_up"
                          else stack.load(service, load, calls, in_flight=in_flight))
                table.point(load, in_flight, result["rate"], result["statuses"]["0"])
