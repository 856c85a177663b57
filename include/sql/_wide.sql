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
        -- No title of a custom field leads to a name that begins like this.
        f.record_id AS _record
        {%- for field in custom_fields %},
        {{ field.aggregate }}(CASE WHEN f.custom_field_id = {{ field.id }} THEN f.{{ field.value }} END) AS {{ field.column }}
        {%- endfor %}
    FROM {{ relation("custom_field_values") }} AS f
    WHERE f.entity = '{{ entity }}'
    GROUP BY f.record_id
) AS v ON v._record = r.id
{%- endif %}
WHERE r._deleted_at IS NULL AND {{ condition }}
{%- endmacro %}
