"""All the scenarios, by the names of their files in cases/."""

from __future__ import annotations

import importlib
import pkgutil
import re

import cases
from processes import Failure
from scenario import Scenario


def _load() -> dict[str, Scenario]:
    """Each module of cases/ has SCENARIOS: one or more, the name of the module with what tells them apart."""
    found: dict[str, Scenario] = {}
    for module in pkgutil.iter_modules(cases.__path__):
        found |= importlib.import_module(f"cases.{module.name}").SCENARIOS
    return dict(sorted(found.items(), key=lambda item: _order(item[1].number)))


def _order(number: str) -> tuple[bool, int, str]:
    """"2" before "10" before "19a", and those outside of the list after them."""
    digits = re.search(r"\d+", number)
    return number.startswith("x"), int(digits[0]) if digits else 0, number


def _stem(number: str) -> str:
    """"19" of "19a", "13" of "13-8"."""
    return re.split(r"(?<=\d)[a-z-]", number)[0]


SCENARIOS = _load()


def named(wanted: list[str] | None) -> list[str]:
    """The scenarios with these names or numbers, or all of them; "19" means 19a, 19b and 19c."""
    if not wanted:
        return list(SCENARIOS)
    names = []
    for word in wanted:
        fitting = [name for name, one in SCENARIOS.items() if word in (name, one.number, _stem(one.number))]
        if not fitting:
            raise Failure(f"There is no scenario {word}; --list names them all.")
        names += fitting
    return names
