"""`docker-compose.yml` read as data: which commands run, with what environment, and what tells that they are healthy.

So that the same file starts the services with Docker and without. Refuses what it does not
understand instead of guessing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from perito.domain.errors import ParameterError, SourceError

VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<text>[^{}]*))?\})")
SPAN = re.compile(r"(\d+)(h|m|s|ms)")
SPANS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True)
class Health:
    """How to ask whether a service is healthy, and how patiently; seconds."""

    command: tuple[str, ...]
    interval: float
    timeout: float
    tries: int
    start_period: float

    @property
    def patience(self) -> float:
        """After how many seconds a service that never was healthy is given up."""
        return self.start_period + self.tries * (self.interval + self.timeout)


@dataclass(frozen=True)
class Service:
    """One service: its command, environment, health, and what must come before it.

    `after` maps a service to the condition, such as `service_healthy`. `ends`: it does its work
    and ends. `grace`: seconds that it has to end when asked.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    health: Health | None
    after: Mapping[str, str]
    ends: bool
    grace: float


def read_compose(path: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """The services of a compose file with `variables` filled in, each after those it needs.

    Raises
    ------
    SourceError
        There is no such file, or it is not one.
    ParameterError
        A variable that it requires is not set; with the file's own words on what to do.
    """
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        services = told["services"]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as failure:
        raise SourceError(
            f"Expected a compose file with services ({type(failure).__name__}).",
            where=str(path),
            remedy="Run this in a checkout of Perito, where docker-compose.yml is.",
        ) from None
    found = {name: _service(name, body, variables) for name, body in services.items()}
    return {name: found[name] for name in _in_order(found)}


def fill_in(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose fills them in; `$$` is a dollar.

    Raises
    ------
    ParameterError
        A required variable is not set.

    Examples
    --------
    >>> fill_in("${HOST:-localhost}:${PORT}", {"PORT": "80"})
    'localhost:80'
    """

    def value(found: re.Match[str]) -> str:
        name, how, words = found["name"], found["how"] or "", found["text"] or ""
        if name is None:
            return "$"
        given = variables.get(name)
        missing = given is None or (how.startswith(":") and not given)
        if missing and how.endswith("?"):
            raise ParameterError(f"{name} is not set.", where=".env", remedy=f"{words[:1].upper()}{words[1:]}.")
        if missing and how.endswith("-"):
            return words
        return given or ""

    return VARIABLE.sub(value, text)


def _service(name: str, body: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    def filled(value: object) -> str:
        return fill_in("" if value is None else str(value), variables)

    environment = body.get("environment", {})
    assert isinstance(environment, Mapping), f"the environment of {name} is written as a mapping"
    after = body.get("depends_on", {})
    health = body.get("healthcheck")
    return Service(
        name=name,
        command=tuple(filled(word) for word in body.get("command", ())),
        environment=dict(_environment(environment, variables)),
        health=None if health is None else _health(health, filled),
        after={other: how["condition"] for other, how in after.items()},
        ends=str(body.get("restart", "")) == "no",
        grace=seconds(str(body.get("stop_grace_period", "10s"))),
    )


def _environment(told: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        if value is not None:
            yield name, fill_in(str(value), variables)
        elif name in variables:  # named without a value: passed on where it is set
            yield name, variables[name]


def _health(told: Mapping[str, Any], filled: Any) -> Health:
    how, *command = told["test"]
    assert how in {"CMD", "CMD-SHELL"}, "a health check is written as a list"
    words = tuple(filled(word) for word in command)
    return Health(
        command=("/bin/sh", "-c", *words) if how == "CMD-SHELL" else words,
        interval=seconds(str(told.get("interval", "30s"))),
        timeout=seconds(str(told.get("timeout", "30s"))),
        tries=int(told.get("retries", 3)),
        start_period=seconds(str(told.get("start_period", "0s"))),
    )


def seconds(text: str) -> float:
    """A span as compose writes it, such as `1m30s`, in seconds.

    Examples
    --------
    >>> seconds("1m30s")
    90.0
    """
    return sum(float(number) * SPANS[unit] for number, unit in SPAN.findall(text))


def _in_order(services: Mapping[str, Service]) -> list[str]:
    ordered: list[str] = []

    def place(name: str) -> None:
        if name not in ordered:
            for other in services[name].after:
                place(other)
            ordered.append(name)

    for name in services:
        place(name)
    return ordered
