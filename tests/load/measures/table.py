"""Rows of figures, each beside its limit from the same run, and what is wanted of their ratio."""

ROUNDS = 3  # of each figure; the median counts


class Table:
    def __init__(self):
        self.rows = []
        self.points = []
        self.sizes = []

    def add(self, name, figure, limit, unit="/s", least=None, most=None, goal=None):
        """`least` or `most`: what the ratio of figure to limit must be; `goal`: what we would like."""
        ratio = figure / limit if limit else None
        good = ratio is None or ((least is None or ratio >= least) and (most is None or ratio <= most))
        self.rows.append({"row": name, "figure": figure, "limit": limit, "unit": unit, "ratio": ratio, "least": least,
                          "most": most, "goal": goal, "good": good})

    def compare(self, name, measure, **wanted):
        """The median of some rounds of (figure, limit), measured one right after the other."""
        pairs = [measure() for _ in range(ROUNDS)]
        middle = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
        self.add(name, *middle, **wanted)

    def point(self, load, in_flight, rate, took):
        """One point of the curves; `took` has percentiles in ms."""
        self.points.append({"load": load, "in_flight": in_flight, "rate": rate, **took})

    def size(self, load, stored, cost):
        """One point of what a call costs with so much stored; `cost` in microseconds of CPU, by process."""
        self.sizes.append({"load": load, "stored": stored, "microseconds": sum(cost.values()), **cost})

    def markdown(self):
        lines = ["| | figure | limit | ratio | wanted |", "|---|---|---|---|---|"]
        for row in self.rows:
            wanted = f">= {row['least']}" if row["least"] is not None else (
                f"<= {row['most']}" if row["most"] is not None else "")
            if row["goal"] is not None:
                wanted += f", better {row['goal']}"
            missed = "" if row["good"] else " missed"
            ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
            limit = "" if row["limit"] is None else f"{number(row['limit'])} {row['unit']}"
            lines.append(f"| {row['row']} | {number(row['figure'])} {row['unit']} | {limit} | {ratio} | {wanted}{missed} |")
        return "\n".join(lines)


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
