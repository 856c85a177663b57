"""From a list endpoint to its pages (Wrike API v4, "Pagination")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wrike_provider.api.client import Page, Params, WrikeClient
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.api.records import Parse, Records


@dataclass(frozen=True, slots=True)
class Paging:
    """How an endpoint hands out pages.

    :param size: records a page, the most that the endpoint takes.
    :param token: name of the request parameter for the page token.
    """

    size: int = 1000
    token: str = "nextPageToken"  # noqa: S105


class Pages(Iterator[Records]):
    """The pages of an endpoint, read as they are asked for; only one is held.

    Filters and fields are repeated with each page token, because Wrike does not keep them. The scan ends with
    the first page that has no token or no records: the token of an empty page is refused by Wrike.

    :param client: the client.
    :param path: path of the endpoint.
    :param params: filters and fields.
    :param paging: None for an endpoint that answers whole.
    :param parse: parses an answer that is as expected.
    """

    def __init__(
        self, client: WrikeClient, path: str, params: Params, paging: Paging | None, parse: Parse | None = None
    ) -> None:
        self.size = paging.size if paging else None
        """Records a page; None: the endpoint answers whole."""
        self.first: Page | None = None
        """The first page without its records, once it has been read."""
        self.latest: Page | None = None
        """The page that was read last, without its records."""
        self._pages = self._read(client, path, params, paging, parse)

    def __next__(self) -> Records:
        """Read the next page.

        :raises WrikeError: the request failed.
        """
        return next(self._pages)

    def _read(
        self, client: WrikeClient, path: str, params: Params, paging: Paging | None, parse: Parse | None
    ) -> Iterator[Records]:
        query = {**params, "pageSize": paging.size} if paging else params
        seen: set[str] = set()
        page = client.get(path, query, parse)
        self.first = replace(page, data=[])
        while True:
            self.latest = replace(page, data=[])
            records, token = page.data, page.next_page_token
            del page
            ended = paging is None or not records or token is None
            yield records
            # Not held while the next page is waited for, here and wherever pages are handed on: many lists are read
            # at once.
            del records
            if ended or paging is None or token is None:
                return
            if token in seen:
                raise WrikeRequestError(f"GET {path}: Wrike gave the same page token twice; the scan would never end.")
            seen.add(token)
            query = {**query, paging.token: token}
            page = client.get(path, query, parse)
