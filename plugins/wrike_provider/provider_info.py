"""What Airflow is told about this provider: the connection types with their forms, and the assets."""

from __future__ import annotations

from typing import Any

from wrike_provider import __version__


def _field(label: str, description: str, *, secret: bool = False, kind: str = "string") -> dict[str, Any]:
    schema: dict[str, Any] = {"type": [kind, "null"]}
    if secret:
        schema["format"] = "password"
    return {"label": label, "description": description, "schema": schema}


def get_provider_info() -> dict[str, Any]:
    """Describe the provider, as Airflow's provider manager wants it."""
    return {
        "package-name": "airflow-provider-wrike",
        "name": "Wrike",
        "description": "Bring Wrike accounts into staging tables.",
        "versions": [__version__],
        "config": {
            "wrike": {
                "description": "The connector to Wrike.",
                "options": {
                    "limits_connection_id": {
                        "description": "Id of a Connection of type Redis in which the workers of all machines keep "
                        "Wrike's request limit together. Empty: each machine keeps it for itself, in an SQLite file.",
                        "version_added": "0.1.0",
                        "type": "string",
                        "example": "wrike_limits",
                        "default": "",
                    },
                    "outgoing_address": {
                        "description": "Name of the address from which Wrike sees this machine's requests: machines "
                        "behind the same one (NAT, proxy, containers of a host) need the same name, since Wrike also "
                        "limits requests per address. Empty: the host's name.",
                        "version_added": "0.1.0",
                        "type": "string",
                        "example": "nat-frankfurt",
                        "default": "",
                    },
                },
            },
        },
        "asset-uris": [
            {
                "schemes": ["wrike"],
                "handler": "wrike_provider.lineage.sanitize_uri",
                "to_openlineage_converter": "wrike_provider.lineage.to_openlineage",
            }
        ],
        "connection-types": [
            {
                "connection-type": "wrike",
                "hook-class-name": "wrike_provider.hooks.wrike.WrikeHook",
                "hook-name": "Wrike",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "port"],
                    "relabeling": {
                        "host": "Wrike host",
                        "login": "Client ID",
                        "password": "Client secret",
                    },
                    "placeholders": {
                        "host": "www.wrike.com",
                        "login": "from Wrike's App Console",
                        "password": "from Wrike's App Console",
                    },
                },
                "conn-fields": {
                    "token": _field(
                        "Permanent token",
                        "From Wrike's App Console. When it is set, the OAuth tokens are not used.",
                        secret=True,
                    ),
                    "access_token": _field("Access token", "OAuth access token; set by Authorise.", secret=True),
                    "refresh_token": _field("Refresh token", "OAuth refresh token; set by Authorise.", secret=True),
                    "expires_at": _field(
                        "Access token expires at", "Seconds since 1970, UTC; set by Authorise.", kind="number"
                    ),
                    "scope": _field(
                        "Scopes", "What Authorise asks for, separated by commas; empty: all that can be read."
                    ),
                    "login_url": _field("Login URL", "Where Wrike's login lives. Default: https://login.wrike.com"),
                },
            },
            {
                "connection-type": "duckdb",
                "hook-class-name": "wrike_provider.operators.staging.DuckDbFileHook",
                "hook-name": "DuckDB file",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "port", "login", "password", "extra"],
                    "relabeling": {"host": "File"},
                    "placeholders": {"host": "/var/lib/wrike/staging.duckdb"},
                },
            },
        ],
    }
