"""`perito worker`: Prefect's process worker, with what it lacks.

Before it takes work, runs of a former worker whose process is gone are marked as crashed; while it
works, so are its own that ended when Prefect could not be told. When asked to stop, it takes no more
work and waits until the runs at work have ended; asked twice, it stops at once, and marks what it
cut off. Refuses to leave a run that is called alive for ever, and to make the pool: whoever deploys
does, and a worker that is there before waits for it. Prefect's worker gives up after some forty seconds
without an answer, and its runs end with it; this one waits.
"""

import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perito.entrypoints.prefect_server import prefect_client
from perito.entrypoints.service.outage import Outage
from perito.entrypoints.service.stale import crash_stale, find_stale
from perito.entrypoints.service.unheard import Unheard
from perito.entrypoints.settings import Settings

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun
    from prefect.workers.process import ProcessWorker

LOOK_SECONDS = 0.5
NAMED = "perito@"
"""How a worker's name begins; the machine's name follows, which tells where its runs can be looked for."""
SETTLE_SECONDS = 5
"""How often it looks whether Prefect has heard of its runs that ended."""
SIGN_SECONDS = 10
"""How often the worker says that it is there, and looks whether its pool was made meanwhile."""
STOPS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class WorkerOptions:
    """The pool to serve, how many runs at once (None: as the pool allows), and whether to answer on a health port."""

    pool: str
    limit: int | None = None
    healthcheck: bool = False


def work(options: WorkerOptions, settings: Settings) -> None:
    """Serve the pool until asked to stop.

    Raises
    ------
    ParameterError, ServiceError
        No Prefect server is configured, or it does not answer when the worker begins.
    """
    import anyio

    tidy_up(options.pool, settings)
    _heed_signals_again()
    anyio.run(_serve, options)
    tidy_up(options.pool, settings)
    say("Stopped.")


def tidy_up(pool: str, settings: Settings) -> None:
    """Mark as crashed what a former worker left in the pool."""
    with prefect_client(settings) as client:
        for run in crash_stale(client, find_stale(client, pool)):
            say(f"Run {run.name} was {run.state}, but its process is gone: marked as crashed.")


def say(line: str) -> None:
    """One line on standard error, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _heed_signals_again() -> None:
    # A shell that starts a job in the background makes it ignore SIGINT, and runs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


async def _serve(options: WorkerOptions) -> None:
    import anyio

    worker: Any = _make_worker(options)
    async with anyio.create_task_group() as group:

        async def serve() -> None:
            await worker.start(with_healthcheck=options.healthcheck, printer=say)

        group.start_soon(serve)
        group.start_soon(_settle, worker)
        with anyio.open_signal_receiver(*STOPS) as asked:
            async for _ in asked:
                if worker.draining:
                    break
                worker.draining = True
                say(f"Asked to stop: no more work is taken; {worker.at_work} runs at work are waited for.")
                group.start_soon(_when_idle, worker, group.cancel_scope)
        group.cancel_scope.cancel()


async def _settle(worker: Any) -> None:
    import anyio

    while True:
        await anyio.sleep(SETTLE_SECONDS)
        if worker.unheard.ended:
            for run_id in await worker.unheard.settle(worker.client):
                say(f"Run {run_id} ended while Prefect could not be told how: marked as crashed.")


async def _when_idle(worker: Any, scope: Any) -> None:
    import anyio

    while worker.at_work:
        await anyio.sleep(LOOK_SECONDS)
    scope.cancel()


def _make_worker(options: WorkerOptions) -> "ProcessWorker":
    from prefect.workers.process import ProcessWorker

    class DrainingWorker(ProcessWorker):
        """A process worker that can be asked to take no more work."""

        type = "process"

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.draining = False
            self.at_work = 0
            self.unheard = Unheard()
            self.outage = Outage(say)

        async def get_and_submit_flow_runs(self) -> "list[FlowRun]":
            if self.draining:
                return []
            return await self.outage.patiently(super().get_and_submit_flow_runs) or []

        async def sync_with_backend(self) -> None:
            await self.outage.patiently(super().sync_with_backend)

        async def run(self, flow_run: "FlowRun", *args: Any, **kwargs: Any) -> Any:
            self.at_work += 1
            self.unheard.begun(flow_run.id)
            try:
                return await super().run(flow_run, *args, **kwargs)
            finally:
                self.at_work -= 1
                self.unheard.over(flow_run.id)

    return DrainingWorker(
        work_pool_name=options.pool,
        limit=options.limit,
        name=f"{NAMED}{socket.gethostname()}",
        create_pool_if_not_found=False,
        heartbeat_interval_seconds=SIGN_SECONDS,
    )
