"""The assets of the connector, ``wrike://<team>/<entity>``, and what lineage tools see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from openlineage.client.event_v2 import Dataset


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Check the URI of an asset.

    :param uri: its parts.
    :raises ValueError: it does not name a team and an entity.
    """
    if not uri.netloc or uri.path.count("/") != 1 or uri.path == "/":
        raise ValueError("An asset of Wrike is written wrike://<team>/<entity>")
    return uri


def to_openlineage(asset: Any, lineage_context: Any) -> Dataset:  # noqa: ARG001
    """Make the OpenLineage dataset of an asset: namespace ``wrike://<team>``, named like the entity.

    :param asset: the asset.
    :param lineage_context: not used; there for Airflow.
    """
    # A dependency of Airflow's OpenLineage provider, which calls this.
    from openlineage.client.event_v2 import Dataset

    parts = urlsplit(asset.uri)
    return Dataset(namespace=f"{parts.scheme}://{parts.netloc}", name=parts.path.removeprefix("/"))
