"""The figures as pictures: throughput and latency over concurrency, cost over what is stored, and every ratio beside what is
wanted of it."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of how it draws)

NAMES = {"echo": "bare echo", "get_event": "GetEvent", "sign_up": "SignUp, one town"}


def draw(table, folder):
    """SVG files in the folder, of what the table has."""
    folder.mkdir(parents=True, exist_ok=True)
    if table.points:
        curve(table, folder / "throughput.svg", "rate", "calls a second")
        latency(table, folder / "latency.svg")
    if table.sizes:
        sizes(table, folder / "sizes.svg")
    if any(row["ratio"] is not None for row in table.rows):
        ratios(table, folder / "ratios.svg")


def curve(table, file, key, label):
    figure, axes = plt.subplots(figsize=(8, 5))
    for load, name in NAMES.items():
        points = [p for p in table.points if p["load"] == load]
        axes.plot([p["in_flight"] for p in points], [p[key] for p in points], marker="o", label=name)
    finish(figure, axes, file, label)


def latency(table, file):
    figure, axes = plt.subplots(figsize=(8, 5))
    for color, (load, name) in zip(("C0", "C1", "C2"), NAMES.items()):
        points = [p for p in table.points if p["load"] == load]
        for key, style in (("p50", "-"), ("p99", "--"), ("p999", ":")):
            axes.plot([p["in_flight"] for p in points], [p[key] for p in points], style, color=color,
                      label=f"{name}, {key.replace('p999', 'p99.9')}")
    finish(figure, axes, file, "ms")


def sizes(table, file):
    figure, axes = plt.subplots(figsize=(8, 5))
    for load in dict.fromkeys(p["load"] for p in table.sizes):
        points = [p for p in table.sizes if p["load"] == load]
        axes.plot([p["stored"] for p in points], [p["microseconds"] for p in points], marker="o", label=load)
    finish(figure, axes, file, "microseconds of CPU a call, service and database", "rows stored")


def finish(figure, axes, file, label, over="calls in flight"):
    axes.set(xscale="log", yscale="log", xlabel=over, ylabel=label)
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))  # beside the lines and not on them
    figure.savefig(file, bbox_inches="tight")
    plt.close(figure)


def ratios(table, file):
    """One bar a row: the ratio over what is wanted, so that 1 is enough, to the right when it must be at least that."""
    rows = [row for row in table.rows if row["ratio"] and (row["least"] or row["most"])]
    values = [row["ratio"] / row["least"] if row["least"] else row["most"] / row["ratio"] for row in rows]
    figure, axes = plt.subplots(figsize=(11, 0.35 * len(rows) + 1))
    axes.barh(range(len(rows)), values, color=["C2" if value >= 1 else "C3" for value in values])
    axes.axvline(1, color="black")
    axes.set(yticks=range(len(rows)), yticklabels=[row["row"] for row in rows], xscale="log",
             xlabel="how many times better than wanted")
    axes.invert_yaxis()
    figure.savefig(file, bbox_inches="tight")
    plt.close(figure)
