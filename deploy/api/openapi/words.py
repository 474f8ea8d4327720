"""Chinese words for the reference: zh.yaml beside the generator, and the options of the protos."""

import pathlib

import yaml

TABLE = pathlib.Path(__file__).resolve().parents[1] / "zh.yaml"


class Words:
    """Looks words up, and knows in the end what was wanted and is missing, and what nobody wanted."""

    def __init__(self, api, table=TABLE):
        self.api = api
        self.table = yaml.safe_load(table.read_text(encoding="utf-8"))
        self.asked, self.missing = set(), set()

    def of(self, kind, name):
        """The word of a service, method, message, enum or value (`kind` is its part of the table)."""
        self.asked.add((kind, name))
        word = self.table[kind].get(name, "")
        if not word:
            self.missing.add(f"{kind}: {name}")
        return word

    def value(self, enum, value):
        """The word of an enum's value; "" of the one that says nothing."""
        word = self.api.zh(value)
        if word or not value.number:
            return word
        return self.of("values", f"{enum.full_name}.{value.name}")

    def left_over(self):
        return {f"{kind}: {name}" for kind, names in self.table.items() for name in names} - {
            f"{kind}: {name}" for kind, name in self.asked
        }

    def complaint(self):
        """What is wrong with the table after everything was looked up; "" when it fits."""
        said = [f"no Chinese words for {name}" for name in sorted(self.missing)]
        said += [f"no use for the words of {name}" for name in sorted(self.left_over())]
        return "\n".join(said)


def described(zh, comment):
    """Chinese words and the proto's comment as one description."""
    return "\n\n".join(text for text in (zh, comment) if text)
