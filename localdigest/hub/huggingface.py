"""The Hugging Face hub: where a file is and what is promised of it. The only module that imports huggingface_hub.

The library gives addresses, metadata, its cache and the user's token, and heeds HF_ENDPOINT, HF_HOME, HF_TOKEN and
HF_HUB_OFFLINE. Its requests go through our guard, its telemetry is off before it is imported, and the bytes of a file
are not its business (`download.py`): it cannot go on with a download that was killed.
"""

from __future__ import annotations

import os
import random
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest import __version__
from localdigest.errors import UsageError
from localdigest.hub.errors import (
    HubAccessError,
    HubBusyError,
    HubError,
    HubNotFoundError,
    HubOfflineError,
    HubUnreachableError,
)
from localdigest.hub.remote import RemoteFile, origin_of, split_names
from localdigest.hub.transfer import url_file
from localdigest.net.guard import Guard
from localdigest.net.http import guarded_http
from localdigest.net.outcome import FetchError
from localdigest.net.retry import retry_after_s, wait_before_retry_s
from localdigest.records import Reason
from localdigest.redact import redacted
from localdigest.urls import flaw_of_url, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["RemoteFile", "cached_file", "is_offline", "remote_file", "split_names", "url_file"]

#: Nothing is told to anybody who was not asked for a model, whatever the environment says.
_SILENCE = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
#: Progress is shown by our own command line; bytes come by plain HTTP, which can be resumed.
_HABITS = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
#: The one host to which the token of `hf auth login` belongs; a mirror gets what HF_TOKEN says, and nothing else.
_HOME = "huggingface.co"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIMEOUT_S = 15.0  #: without a byte
_DEADLINE_S = 60.0  #: for the whole answer
_RETRIES = 2
_RETRY_BASE_S = 1.0
_LONGEST_RETRY_AFTER_S = 60.0
_NOT_FOUND = (404, 410)
_DENIED = (401, 403, 451)
_BUSY = 429
_SERVER_FAULT = 500


def remote_file(
    repo: str,
    name: str,
    *,
    guard: Guard,
    revision: str = "main",
    on_note: Callable[[str], None] | None = None,
) -> RemoteFile:
    """Asks the hub for a file: its address at the revision's commit, size and sha256, and what to send along.

    Args:
        repo: `owner/name`.
        name: the file's path in it.
        guard: the run's.
        revision: branch, tag or commit.
        on_note: told of each retry.

    Raises:
        HubNotFoundError: no such repository, revision or file. HubAccessError: not for whoever asks.
        HubOfflineError, HubUnreachableError, HubBusyError: it cannot be asked now.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return _ask(repo, name, revision, guard)
        except (HubBusyError, HubUnreachableError) as error:
            wait_s = wait_before_retry_s(
                tries=tries,
                retries=_RETRIES,
                base_s=_RETRY_BASE_S,
                jitter=random.random(),  # noqa: S311 - spreads clients out, protects nothing
                asked_s=error.retry_after_s if isinstance(error, HubBusyError) else None,
                max_asked_s=_LONGEST_RETRY_AFTER_S,
            )
            if wait_s is None or (isinstance(error, HubUnreachableError) and error.is_final):
                raise
            if on_note:
                on_note(f"{error.message} Trying again in {wait_s:.0f} s.")
            time.sleep(wait_s)


def cached_file(repo: str, name: str, *, revision: str = "main") -> Path | None:
    """The file in the library's own cache (HF_HOME), if it lies there. Asks nobody, and hashes nothing."""
    hub = _hub()
    with _explained(repo, name, revision):
        found = hub.try_to_load_from_cache(repo, name, revision=revision)
    path = Path(found) if isinstance(found, str) else None
    return path if path is not None and path.is_file() else None


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE forbids the network."""
    return bool(_hub().constants.HF_HUB_OFFLINE)


def _ask(repo: str, name: str, revision: str, guard: Guard) -> RemoteFile:
    hub = _hub()
    if is_offline():
        raise HubOfflineError(f"{repo} was not asked for: HF_HUB_OFFLINE forbids the network.")
    endpoint = str(hub.constants.ENDPOINT)
    own = guard.branch(named=_named_hosts(endpoint))
    hub.set_client_factory(lambda: guarded_http(own))
    with _explained(repo, name, revision), own.within(_DEADLINE_S):
        token = _token(hub, endpoint)
        found = hub.get_hf_file_metadata(
            hub.hf_hub_url(repo, name, revision=revision),
            token=token or False,
            timeout=_TIMEOUT_S,
            library_name="localdigest",
            library_version=__version__,
        )
        commit = found.commit_hash or revision
        url = hub.hf_hub_url(repo, name, revision=commit)
    etag = found.etag or ""
    return RemoteFile(
        url=url,
        name=name.rpartition("/")[2],
        num_bytes=found.size or 0,
        sha256=etag if _SHA256.fullmatch(etag) else "",
        etag=etag,
        revision=commit,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        named_hosts=_named_hosts(endpoint),
    )


@cache
def _hub() -> ModuleType:
    """The library, imported when it is needed, with its habits settled before.

    Raises:
        UsageError: the environment says what cannot be.
    """
    _check_environment()
    os.environ.update(_SILENCE)
    for name, value in _HABITS.items():
        os.environ.setdefault(name, value)
    import huggingface_hub  # noqa: PLC0415 - half a second, and it reads the environment only now
    import huggingface_hub.constants  # noqa: PLC0415 - as above

    # Until somebody hands in the run's guard, the library can reach nobody.
    huggingface_hub.set_client_factory(lambda: guarded_http(Guard(offline=True)))
    return huggingface_hub


def _check_environment() -> None:
    endpoint = os.environ.get("HF_ENDPOINT")
    if endpoint and (flaw := flaw_of_url(endpoint)):
        raise UsageError(
            f"HF_ENDPOINT is `{redacted(endpoint)}`, which is no address: {flaw}.",
            hint="As in HF_ENDPOINT=https://mirror.example; unset it to ask huggingface.co.",
        )
    token = os.environ.get("HF_TOKEN", "").strip()
    if not (token.isascii() and all(character.isprintable() and character != " " for character in token)):
        raise UsageError("HF_TOKEN holds characters that no token has.", hint="Copy it anew from your account's page.")


def _named_hosts(endpoint: str) -> frozenset[str]:
    return frozenset({host_of(endpoint)}) - {_HOME}


def _token(hub: ModuleType, endpoint: str) -> str | None:
    if origin_of(endpoint) == ("https", _HOME, 443):
        return hub.get_token() or None
    return os.environ.get("HF_TOKEN", "").strip() or None


@contextmanager
def _explained(repo: str, name: str, revision: str) -> Iterator[None]:
    """The library's exceptions, and those of the network below it, as ours."""
    from huggingface_hub import errors  # noqa: PLC0415 - see `_hub`

    page = f"https://{_HOME}/{repo}"
    try:
        yield
    except errors.HFValidationError as error:
        raise HubNotFoundError(f"`{repo}` is no name of a repository: {error}") from error
    except errors.OfflineModeIsEnabled as error:
        raise HubOfflineError(f"{repo} was not asked for: HF_HUB_OFFLINE forbids the network.") from error
    except errors.GatedRepoError as error:
        raise HubAccessError(
            f"{repo} is given only to those who accepted its licence.",
            hint=f"Log in, accept it on {page}, and set HF_TOKEN to a token of that account.",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise HubNotFoundError(f"{repo} has no revision `{revision}`.", hint=f"See {page}/tree/main.") from error
    except errors.RepositoryNotFoundError as error:
        raise HubNotFoundError(
            f"There is no repository {repo}, or it is private.",
            hint="Check the spelling. If it is private, set HF_TOKEN to a token that may read it.",
        ) from error
    except errors.EntryNotFoundError as error:
        raise HubNotFoundError(
            f"{repo} has no file `{name}` at `{revision}`.", hint=f"Its files are on {page}/tree/{revision}."
        ) from error
    except errors.HfHubHTTPError as error:
        raise _from_status(error.response.status_code, error.response.headers.get("retry-after", ""), repo) from error
    except FetchError as error:
        raise _from_network(error, repo) from error
    except ValueError as error:  # a file name that leads out of its folder
        raise HubNotFoundError(f"`{name}` is no name of a file in {repo}: {error}") from error


def _from_status(status: int, retry_after: str, repo: str) -> Exception:
    if status in _NOT_FOUND:
        return HubNotFoundError(f"The hub has nothing at this address of {repo} (HTTP {status}).")
    if status in _DENIED:
        return HubAccessError(
            f"The hub denies access to {repo} (HTTP {status}).",
            hint="Check that HF_TOKEN is valid and may read it, and that its licence is accepted on the model's page.",
        )
    if status == _BUSY or status >= _SERVER_FAULT:
        why = "asks for patience" if status == _BUSY else "has trouble"
        return HubBusyError(
            f"The hub {why} (HTTP {status}).", retry_after_s=retry_after_s(retry_after, now=datetime.now(UTC))
        )
    return HubError(f"The hub gave an unexpected answer for {repo} (HTTP {status}).", hint="Check HF_ENDPOINT.")


def _from_network(error: FetchError, repo: str) -> HubUnreachableError:
    refused = error.reason is Reason.ADDRESS
    problem = HubUnreachableError(
        f"{repo} could not be asked for: {error.detail.rstrip('.')}.",
        hint="A private address must be named by HF_ENDPOINT." if refused else "",
    )
    problem.is_final = refused or (error.reason is Reason.CONNECTION and not error.may_pass)
    return problem
