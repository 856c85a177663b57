"""Which endpoints there are, and what each takes: one declaration an endpoint (Wrike API v4, "Methods")."""

from __future__ import annotations

from include.sandbox.endpoints.administration import ADMINISTRATION
from include.sandbox.endpoints.capacity import CAPACITY
from include.sandbox.endpoints.collaboration import COLLABORATION
from include.sandbox.endpoints.export import EXPORT
from include.sandbox.endpoints.finance import FINANCE
from include.sandbox.endpoints.model import FIELD_KEYS, Endpoint
from include.sandbox.endpoints.people import PEOPLE
from include.sandbox.endpoints.structure import STRUCTURE
from include.sandbox.endpoints.templates import TEMPLATES
from include.sandbox.endpoints.time import TIME
from include.sandbox.endpoints.work import WORK

ENDPOINTS: tuple[Endpoint, ...] = (
    *PEOPLE,
    *STRUCTURE,
    *WORK,
    *COLLABORATION,
    *TIME,
    *CAPACITY,
    *FINANCE,
    *TEMPLATES,
    *ADMINISTRATION,
    *EXPORT,
)

__all__ = ["ENDPOINTS", "FIELD_KEYS", "Endpoint"]
