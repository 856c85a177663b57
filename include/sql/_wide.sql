{% macro wide(entity, condition) -%}
SELECT
    {{ columns(entity, "r") }}
    {%- for field in custom_fields %},
    v.{{ field.column }}
    {%- endfor %}
FROM {{ relation(entity) }} AS r
{%- if custom_fields %}
LEFT JOIN (
    SELECT
        record_id
        {%- for field in custom_fields %},
        {{ field.aggregate }}(CASE WHEN custom_field_id = {{ field.id }} THEN {{ field.value }} END) AS {{ field.column }}
        {%- endfor %}
    FROM {{ relation("custom_field_values") }}
    WHERE entity = '{{ entity }}'
    GROUP BY record_id
) AS v ON v.record_id = r.id
{%- endif %}
WHERE r._deleted_at IS NULL AND {{ condition }}
{%- endmacro %}
