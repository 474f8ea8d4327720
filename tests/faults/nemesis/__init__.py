"""The faults, by name. A fault is a generator of a field: it hurts something, yields in words what it hurt, and mends it when
it is resumed. What died by it is started again by whoever made it (`Field.whole`)."""

import contextlib
import importlib
import pkgutil

FAULTS = {}  # {name: Fault}


class Fault:
    def __init__(self, act, needs, longest, apart, works_on):
        self.name = act.__name__
        self.act = contextlib.contextmanager(act)
        self.says = act.__doc__.split("\n")[0]
        self._needs = needs
        self.longest = longest
        self.apart = apart
        self.works_on = works_on

    def possible(self, field):
        return self._needs(field)


def fault(needs=lambda field: True, longest=6.0, apart=False, works_on=False):
    """`needs(field)` tells whether it can be made there; `longest` how many seconds it lasts at most in a mix; what is
    `apart` is not made while another one lasts; when all work must go on under it, it `works_on`."""

    def register(act):
        FAULTS[act.__name__] = Fault(act, needs, longest, apart, works_on)
        return act

    return register


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
