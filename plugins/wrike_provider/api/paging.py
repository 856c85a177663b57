"""From a list endpoint to its pages (Wrike API v4, "Pagination")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wrike_provider.api.client import Params, Record, WrikeClient
from wrike_provider.api.errors import WrikeRequestError


@dataclass(frozen=True, slots=True)
class Paging:
    """How an endpoint hands out pages.

    :param size: records a page, the most that the endpoint takes.
    :param token: name of the request parameter for the page token.
    """

    size: int = 1000
    token: str = "nextPageToken"  # noqa: S105


def pages(client: WrikeClient, path: str, params: Params, paging: Paging | None) -> Iterator[list[Record]]:
    """Read an endpoint page by page, without holding more than one.

    Filters and fields are repeated with each page token, because Wrike does not keep them. The scan ends with
    the first page that has no token or no records: the token of an empty page is refused by Wrike.

    :param client: the client.
    :param path: path of the endpoint.
    :param params: filters and fields.
    :param paging: None for an endpoint that answers whole.
    :raises WrikeError: a request failed.
    """
    if paging is None:
        yield client.get(path, params).data
        return
    query = {**params, "pageSize": paging.size}
    seen: str | None = None
    while True:
        page = client.get(path, query)
        yield page.data
        if not page.data or page.next_page_token is None:
            return
        if page.next_page_token == seen:
            raise WrikeRequestError(f"GET {path}: Wrike gave the same page token twice; the scan would never end.")
        seen = page.next_page_token
        query[paging.token] = seen
