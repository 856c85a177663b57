"""The data export."""

from __future__ import annotations

from include.sandbox.endpoints.model import Endpoint
from include.sandbox.params import one_of

EXPORTS, EXPORTED_FILES = "dataexport", "dataexportfiles"
_SCOPES = frozenset({"dataExportFull"})

EXPORT: tuple[Endpoint, ...] = (
    Endpoint(path="/data_export", method="POST", kind="dataExport", collection=EXPORTS, admins=True, scopes=_SCOPES),
    Endpoint(path="/data_export", kind="dataExport", collection=EXPORTS, admins=True, scopes=_SCOPES),
    Endpoint(path="/data_export/{id}", kind="dataExport", collection=EXPORTS, admins=True, scopes=_SCOPES),
    Endpoint(
        path="/data_export_schema",
        kind="dataExportSchema",
        collection="dataexportschema",
        params={"version": one_of("V0", "V1", "V2", "V3", "V4")},
        admins=True,
        scopes=_SCOPES,
    ),
    Endpoint(
        path="/data_export_files/{id}/{file}", kind="file", collection=EXPORTED_FILES, admins=True, scopes=_SCOPES
    ),
)
