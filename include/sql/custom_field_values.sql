-- Values of custom fields with what they mean: number, date, timestamp, boolean or minutes; and a text that people can read.
{% from "_labels.sql" import label -%}
WITH raw AS (
    {%- for entity, column in (("tasks", "task_id"), ("folders", "folder_id"), ("contacts", "contact_id")) if has(entity) %}
    {{ "" if loop.first else "UNION ALL" }}
    SELECT '{{ entity }}' AS entity, v.{{ column }} AS record_id, v.custom_field_id, v.value
    FROM {{ relation(entity ~ "_custom_fields") }} AS v
    JOIN {{ relation(entity) }} AS o ON o.id = v.{{ column }} AND o._deleted_at IS NULL
    {%- endfor %}
),
named AS (
    SELECT entity, record_id, custom_field_id, string_agg(COALESCE(contact_name, element), ', ' ORDER BY position) AS names
    FROM {{ relation("custom_field_elements") }}
    GROUP BY entity, record_id, custom_field_id
),
kinds AS (
    SELECT
        id, title, type,
        type IN ('Numeric', 'Currency', 'Percentage', 'CalculatedNumeric') AS is_number,
        type IN ('Date', 'CalculatedDate') AS is_date
    FROM {{ relation("custom_fields") }}
),
typed AS (
    SELECT
        r.entity, r.record_id, r.custom_field_id, k.title, k.type, r.value, n.names,
        CASE WHEN k.is_number AND r.value ~ '{{ number }}' THEN r.value END AS number,
        CASE WHEN k.is_date AND substr(r.value, 1, 10) ~ '{{ date }}' THEN substr(r.value, 1, 10) END AS day,
        CASE
            WHEN length(r.value) = 10 THEN '00:00:00'
            WHEN substr(r.value, 11) ~ '{{ seconds }}' THEN substr(r.value, 12, 8)
            WHEN substr(r.value, 11) ~ '{{ minutes }}' THEN substr(r.value, 12, 5)
        END AS clock,
        CASE
            WHEN k.type = 'Duration' AND r.value ~ '^[0-9]{1,6}:[0-5][0-9]$' THEN split_part(r.value, ':', 1)
            WHEN k.type = 'Duration' AND r.value ~ '{{ number }}' THEN '0'
        END AS hours,
        CASE WHEN k.type = 'Duration' AND position(':' IN r.value) > 0 THEN split_part(r.value, ':', 2) ELSE r.value END AS minutes
    FROM raw AS r
    LEFT JOIN kinds AS k ON k.id = r.custom_field_id
    LEFT JOIN named AS n ON n.entity = r.entity AND n.record_id = r.record_id AND n.custom_field_id = r.custom_field_id
)
SELECT
    entity, record_id, custom_field_id, title, type, value,
    CASE WHEN type IN ('Contacts', 'Multiple') THEN names WHEN type = 'DropDown' THEN {{ label("value") }} ELSE value END AS text_value,
    CAST(number AS DOUBLE PRECISION) AS number_value,
    CAST(day AS DATE) AS date_value,
    CASE WHEN day IS NOT NULL AND clock IS NOT NULL THEN CAST(day || ' ' || clock AS TIMESTAMP) END AS timestamp_value,
    CASE WHEN type = 'Checkbox' AND lower(value) IN ('true', 'false') THEN lower(value) = 'true' END AS boolean_value,
    CASE WHEN hours IS NOT NULL THEN CAST(hours AS DOUBLE PRECISION) * 60 + CAST(minutes AS DOUBLE PRECISION) END
        AS duration_minutes
FROM typed
