-- Folders that are there, projects and spaces among them, with a column for each custom field.
{% from "_wide.sql" import wide with context -%}
{{ wide("folders", "COALESCE(r.scope, '') NOT LIKE '%Root'") }}
