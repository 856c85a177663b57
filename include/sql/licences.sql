-- People with their seat, and when each was last seen at work. One row a person; an administrator's authorisation sees all.
{% set traces = [
    ("audit_log", "user_id", "event_date", "COALESCE(operation, '') <> 'UserFailLogin'"),
    ("timelogs", "user_id", "created_date", "TRUE"),
    ("comments", "author_id", "created_date", "TRUE"),
] -%}
WITH seen AS (
    {%- for entity, person, instant, condition in traces if has(entity) %}
    {{ "" if loop.first else "UNION ALL" }}
    SELECT {{ person }} AS contact_id, MAX({{ instant }}) AS at FROM {{ relation(entity) }} WHERE {{ condition }} GROUP BY {{ person }}
    {%- else %}
    SELECT id AS contact_id, _synced_at AS at FROM {{ relation("contacts") }} WHERE FALSE
    {%- endfor %}
)
SELECT
    c.id AS contact_id, c.first_name, c.last_name, p.email, p.role, {{ "ut.title" if has("users") and has("user_types") else "CAST(NULL AS TEXT)" }} AS user_type,
    CASE WHEN p.role = 'Collaborator' THEN 'collaborator' WHEN p.external THEN 'external' ELSE 'regular' END AS seat,
    COALESCE(p.admin OR p.owner, FALSE) AS administrator, COALESCE(p.active, TRUE) AS active,
    COALESCE(c.deleted, FALSE) OR c._deleted_at IS NOT NULL AS removed,
    (SELECT MAX(s.at) FROM seen AS s WHERE s.contact_id = c.id) AS last_seen
FROM {{ relation("contacts") }} AS c
LEFT JOIN {{ relation("contacts_profiles") }} AS p
    ON p.contact_id = c.id {%- if has("account") %} AND p.account_id IN (SELECT id FROM {{ relation("account") }}) {%- endif %}
{%- if has("users") and has("user_types") %}
LEFT JOIN {{ relation("users") }} AS u ON u.id = c.id
LEFT JOIN {{ relation("user_types") }} AS ut ON ut.id = u.user_type_id
{%- endif %}
WHERE c.type = 'Person'
