"""What a scenario is: a real workload, one fault, and the verdict that is right about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from kpi import Figure
from place import PROGRAMS, Place


@dataclass(frozen=True)
class Expected:
    """The verdict that is right.

    `classes` are those that may be named. A culprit is right if it has all the members of one of `culprits`: numbers are
    compared, texts are regular expressions that must match the whole, and a list holds alternatives. `via`, if given, lists the
    resource kinds that the path may begin with. No classes: there is no bottleneck.
    """

    classes: tuple[str, ...] = ()
    culprits: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    via: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        return not self.classes

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Expected:
        return cls(tuple(kept["classes"]), tuple(kept["culprits"]), tuple(kept["via"]))


class Scenario:
    """Subclasses in cases/ say what runs. They are called in the order of the methods."""

    number: ClassVar[str]  # for the scoreboard: "5", "19b", "x2"
    about: ClassVar[str]  # the workload and its fault, in a line
    right: ClassVar[str]  # the right verdict, in a line
    kpi: ClassVar[str] = "latency"  # or "throughput"
    healthy_seconds: ClassVar[float] = 8
    fault_seconds: ClassVar[float] = 8

    def start(self, place: Place) -> int:
        """Starts the service and returns the process that its user would record."""
        raise NotImplementedError

    def load(self, place: Place) -> Figure:
        """Starts the load, and says where the figure comes from."""
        raise NotImplementedError

    def fault(self, place: Place) -> None:
        """Injects the fault, and returns at once. Healthy scenarios may have nothing to do.

        If its waits would otherwise still go on when the recording ends, it must end by itself, within the second that is
        recorded after the faulty phase: who ends a wait is part of what is diagnosed, and should not be the harness.
        """

    def expected(self, place: Place) -> Expected:
        """Asked after the fault, while everything still runs."""
        raise NotImplementedError

    # What many of them need.

    def client(self, place: Place, host: str, port: int, request: str, until: str, *, connections: int = 1,
               pause_us: int = 1000, name: str = "client") -> Figure:
        """Starts a client that sends a request, waits for an answer that ends as `until`, pauses, and so on.

        Escapes in `request` and `until` are the client's to resolve: "PING\\r\\n" has two backslashes here.
        """
        place.start(PROGRAMS / "client", host, port, connections, pause_us, request, until, output=f"{name}.units")
        return Figure(self.kpi, (place.file(f"{name}.units"),))
