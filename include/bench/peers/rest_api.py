"""What a user of dlt writes who wants tasks, folders and contacts of Wrike in a database: its `rest_api` source.

Runs in an environment of its own. The token and the database's address come from the environment variables
`WRIKE_TOKEN` and `STAGING_URL`.
"""

import json
import os
import sys
import time

import dlt
from dlt.sources.rest_api import rest_api_source

_WORK_FIELDS = ("metadata", "customFields", "description", "briefDescription", "superParentIds", "customItemTypeId")
_FOLDER_FIELDS = (*_WORK_FIELDS, "hasAttachments", "attachmentCount", "customColumnIds", "space", "contractType")
_TASK_FIELDS = (
    *_WORK_FIELDS,
    *("responsibleIds", "responsiblePlaceholderIds", "followerIds", "parentIds", "sharedIds", "authorIds"),
    *("superTaskIds", "subTaskIds", "dependencyIds", "billingType", "attachmentCount", "hasAttachments"),
    *("workScheduleId", "effortAllocation", "recurrent"),
)
_CONTACT_FIELDS = ("metadata", "customFields", "currentBillRate", "currentCostRate", "jobRoleId", "workScheduleId")


def main() -> None:
    """Read the command line (URL of Wrike, kind of database) and load."""
    loading = time.process_time()
    url, kind = sys.argv[1:]
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url}/api/v4/",
                "auth": {"type": "bearer", "token": os.environ["WRIKE_TOKEN"]},
                "paginator": {"type": "cursor", "cursor_path": "nextPageToken", "cursor_param": "nextPageToken"},
            },
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {"data_selector": "data"},
            },
            "resources": [
                {
                    "name": "contacts",
                    "endpoint": {
                        "path": "contacts",
                        "paginator": "single_page",
                        "params": {"deleted": "false", "fields": json.dumps(_CONTACT_FIELDS)},
                    },
                },
                {
                    "name": "folders",
                    "endpoint": {
                        "path": "folders",
                        "params": {
                            "deleted": "false",
                            # Doubled braces: dlt takes single ones for expressions.
                            "updatedDate": '{{"start": "1970-01-01T00:00:00Z"}}',
                            "pageSize": 1000,
                            "fields": json.dumps(_FOLDER_FIELDS),
                        },
                    },
                },
                {
                    "name": "tasks",
                    "endpoint": {
                        "path": "tasks",
                        "params": {"subTasks": "true", "pageSize": 1000, "fields": json.dumps(_TASK_FIELDS)},
                    },
                },
            ],
        }
    )
    # Deeper ones get names that PostgreSQL finds too long.
    source.max_table_nesting = 2
    make = {"duckdb": dlt.destinations.duckdb, "postgres": dlt.destinations.postgres}[kind]
    destination = make(credentials=os.environ["STAGING_URL"])
    pipeline = dlt.pipeline("rest_api", destination=destination, dataset_name="rest_api")
    pipeline.extract(source)
    counts = pipeline.normalize().row_counts
    pipeline.load().raise_on_failed_jobs()
    loaded = {name: counts[name] for name in ("contacts", "folders", "tasks")}
    sys.stdout.write(f"{json.dumps({'loading_cpu_seconds': loading, 'loaded': loaded})}\n")


if __name__ == "__main__":
    main()
