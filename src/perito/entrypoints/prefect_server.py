"""A client of the configured Prefect server that fails within seconds and in words.

Refuses Prefect's hidden private server: what is deployed there would be gone at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perito.domain.errors import ParameterError, ServiceError
from perito.entrypoints.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

ANSWER_SECONDS = 5.0
REQUEST_SECONDS = 20.0
SETTING = "PREFECT_API_URL"


@contextmanager
def prefect_client(settings: Settings) -> Iterator["SyncPrefectClient"]:
    """A client of the server that PREFECT_API_URL or Prefect's profile names, for the length of the block.

    Raises
    ------
    ParameterError
        No server is configured.
    ServiceError
        It does not answer within 5 s, does not know us, or refuses.
    """
    import httpx
    import prefect.settings as prefect_settings
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    url = configured_api(settings)
    check_server(url)
    chosen = {
        prefect_settings.PREFECT_API_URL: url,
        prefect_settings.PREFECT_API_REQUEST_TIMEOUT: REQUEST_SECONDS,
        prefect_settings.PREFECT_CLIENT_MAX_RETRIES: 1,
    }
    try:
        with prefect_settings.temporary_settings(chosen), get_client(sync_client=True) as client:
            yield client
    except PrefectHTTPStatusError as refusal:
        raise _refused(refusal.response.status_code, url) from None
    except httpx.HTTPError as failure:
        raise ServiceError(
            f"The Prefect server stopped answering ({type(failure).__name__}).",
            where=without_password(url),
            remedy="Look at its log, then repeat the command; it does what is left to do.",
        ) from None


def configured_api(settings: Settings) -> str:
    """The address of the configured server's API.

    Raises
    ------
    ParameterError
        There is none.
    """
    import prefect.settings as prefect_settings

    url = settings.prefect_api_url or prefect_settings.PREFECT_API_URL.value()
    if not url:
        raise ParameterError(
            "Expected the address of a Prefect server; none is configured.",
            where=SETTING,
            remedy="Start one with `make services` or docker compose, then: "
            "export PREFECT_API_URL=http://127.0.0.1:4200/api",
        )
    return url.rstrip("/")


def check_server(url: str) -> None:
    """Refuse a server that does not answer within 5 s, or answers as something else.

    Raises
    ------
    ServiceError
        What is wrong, and what to do.
    """
    import httpx

    try:
        answer = httpx.get(f"{url}/health", timeout=ANSWER_SECONDS)
    except httpx.HTTPError as failure:
        raise ServiceError(
            f"The Prefect server did not answer within {ANSWER_SECONDS:.0f} seconds ({type(failure).__name__}).",
            where=f"{SETTING} ({without_password(url)})",
            remedy="Start it with `make services`, docker compose or `prefect server start`, or correct "
            f"{SETTING}; unset it to run without a server.",
        ) from None
    if not (answer.is_success and answer.text.strip() == "true"):
        raise ServiceError(
            f"What answers there is no Prefect API (status {answer.status_code}).",
            where=f"{SETTING} ({without_password(url)})",
            remedy="The address ends in /api, like http://127.0.0.1:4200/api.",
        )


def without_password(url: str) -> str:
    """The address of a server's page: no user, no password, no `/api`."""
    parts = urlsplit(url.rstrip("/"))
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.removesuffix('/api')}"


def _refused(status: int, url: str) -> ServiceError:
    if status in {401, 403}:
        what, remedy = "does not know us", "Set PREFECT_API_AUTH_STRING to its user:password."
    else:
        what, remedy = f"refused (status {status})", "Look at its log; it may be of another version."
    return ServiceError(f"The Prefect server {what}.", where=without_password(url), remedy=remedy)
