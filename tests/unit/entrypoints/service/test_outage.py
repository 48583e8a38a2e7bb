"""A worker waits for a Prefect that is away, says so once, and stops at an answer that waiting will not change."""

import asyncio

import httpx
import pytest

from perito.entrypoints.service.outage import Outage

ASKED = httpx.Request("POST", "http://127.0.0.1:4200/api/work_pools/pool/get_scheduled_flow_runs")


def status(code: int) -> httpx.HTTPStatusError:
    return httpx.HTTPStatusError("refused", request=ASKED, response=httpx.Response(code, request=ASKED))


def ask(outage: Outage, failure: httpx.HTTPError | None) -> str | None:
    async def answer() -> str:
        if failure is not None:
            raise failure
        return "runs"

    return asyncio.run(outage.patiently(answer))


def test_an_outage_is_waited_for_and_said_once() -> None:
    said: list[str] = []
    outage = Outage(said.append)
    assert ask(outage, None) == "runs"
    assert said == []
    assert ask(outage, httpx.ConnectError("refused", request=ASKED)) is None
    assert ask(outage, status(500)) is None
    assert ask(outage, status(503)) is None
    assert ["ConnectError" in line for line in said] == [True]
    assert ask(outage, None) == "runs"
    assert said[1:] == ["Prefect answers again."]
    assert ask(outage, status(500)) is None
    assert len(said) == 3


@pytest.mark.parametrize("code", [401, 403, 404, 422])
def test_a_refusal_is_not_waited_for(code: int) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        ask(Outage(lambda line: None), status(code))
