-- Tasks that are there, with a column for each custom field.
{% from "_wide.sql" import wide with context -%}
{{ wide("tasks", "TRUE") }}
