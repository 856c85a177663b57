"""What several entities have."""

from __future__ import annotations

from wrike_provider.entities.model import Child, Column, Type

EFFORT = (("date", Type.TEXT), ("effortMinutes", Type.INTEGER))
"""What an element of ``dailyAllocation`` has (Wrike API v4, "Bookings")."""

METADATA = Child(
    "metadata",
    (Column("key", description="Key, of this application only."), Column("value", description="Value.")),
    key=("key",),
    description="Metadata that this API application attached.",
)

CUSTOM_FIELD_VALUES = Child(
    "customFields",
    (
        Column("id", name="custom_field_id", description="The custom field; see custom_fields."),
        Column("value", description="The value as Wrike writes it: always text."),
    ),
    key=("custom_field_id",),
    description="Values of custom fields.",
)
