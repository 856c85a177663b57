"""Tells Airflow of the page, and of what makes tasks start faster."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from wrike_provider.web.address import MOUNT, mounted_at


class WrikePlugin(AirflowPlugin):
    """The page "Wrike" in the API server, and a listener in the scheduler; other components read only its name."""

    name = "wrike"

    @property
    def fastapi_apps(self) -> list[Any]:  # type: ignore[override]
        """The application; imported by the API server only."""
        from wrike_provider.web.app import app

        return [{"app": app, "url_prefix": MOUNT, "name": "Wrike"}]

    @property
    def listeners(self) -> list[Any]:  # type: ignore[override]
        """What makes tasks start faster."""
        from wrike_provider import listener

        return [listener]

    @property
    def external_views(self) -> list[Any]:  # type: ignore[override]
        """The entry of the navigation."""
        return [
            {
                "name": "Wrike",
                "href": f"{mounted_at()}/",
                "url_route": "wrike",
                "destination": "nav",
                "nav_top_level": True,
            }
        ]
