-- Contacts and choices of custom fields with several values: one row an element, in order. Of contacts with the name.
{% from "_labels.sql" import label -%}
WITH raw AS (
    {%- for entity, column in (("tasks", "task_id"), ("folders", "folder_id"), ("contacts", "contact_id")) if has(entity) %}
    {{ "" if loop.first else "UNION ALL" }}
    SELECT '{{ entity }}' AS entity, v.{{ column }} AS record_id, v.custom_field_id, f.type, v.value
    FROM {{ relation(entity ~ "_custom_fields") }} AS v
    JOIN {{ relation(entity) }} AS o ON o.id = v.{{ column }} AND o._deleted_at IS NULL
    JOIN {{ relation("custom_fields") }} AS f ON f.id = v.custom_field_id
    WHERE f.type IN ('Contacts', 'Multiple') AND trim(v.value) <> ''
    {%- endfor %}
),
-- Wrike writes a JSON array, ids or labels with commas between them, or a single one.
lists AS (
    SELECT
        entity, record_id, custom_field_id, type,
        CASE
            WHEN value ~ '{{ json_texts }}' THEN {{ texts_of("value") }}
            WHEN substr(trim(value), 1, 1) = '[' THEN regexp_split_to_array(trim(both '[]" ' from value), '"?\s*,\s*"?')
            ELSE regexp_split_to_array(trim(both '" ' from value), '"?\s*,\s*"?')
        END AS elements
    FROM raw
)
SELECT
    l.entity, l.record_id, l.custom_field_id, e.position,
    CASE WHEN l.type = 'Multiple' THEN {{ label("e.element") }} ELSE e.element END AS element,
    CASE WHEN l.type = 'Contacts' THEN NULLIF(trim(COALESCE(c.first_name, '') || ' ' || COALESCE(c.last_name, '')), '') END
        AS contact_name
FROM lists AS l
CROSS JOIN LATERAL unnest(l.elements) WITH ORDINALITY AS e(element, position)
LEFT JOIN {{ relation("contacts") }} AS c ON l.type = 'Contacts' AND c.id = e.element
WHERE e.element <> ''
