-- People with their seat, and when each was last seen at work. One row a person; an administrator's authorisation sees all.
{% set no_presence = "('UserFailLogin', 'AccessCodeGenerated', 'AccessCodeDeclined')" -%}
{% set traces = [
    ("audit_log", "user_id", "event_date", "COALESCE(operation, '') NOT IN " ~ no_presence ~ " AND COALESCE(source_type, '') <> 'Automation'"),
    ("timelogs", "user_id", "created_date", "TRUE"),
    ("comments", "author_id", "created_date", "TRUE"),
    ("attachments", "author_id", "created_date", "TRUE"),
    ("approvals_decisions", "approver_id", "updated_date", "status IN ('Approved', 'Rejected')"),
] -%}
WITH traces AS (
    SELECT id AS contact_id, _synced_at AS seen_at FROM {{ relation("contacts") }} WHERE FALSE
    {%- for entity, person, instant, condition in traces if has(entity) %}
    UNION ALL
    SELECT {{ person }}, {{ instant }} FROM {{ relation(entity) }} WHERE {{ condition }}
    {%- endfor %}
    {%- if has("tasks_author_ids") %}
    UNION ALL
    -- Wrike makes the next one of a recurring task by itself.
    SELECT a.author_id, t.created_date FROM {{ relation("tasks_author_ids") }} AS a
    JOIN {{ relation("tasks") }} AS t ON t.id = a.task_id AND NOT COALESCE(t.recurrent, FALSE)
    {%- endif %}
),
seen AS (
    SELECT contact_id, MAX(seen_at) AS last_seen FROM traces GROUP BY contact_id
),
-- Without the account's own record: the one that most people have a profile of.
own AS (
    SELECT COALESCE(
        {%- if has("account") %}
        (SELECT MAX(id) FROM {{ relation("account") }} WHERE _deleted_at IS NULL),
        {%- endif %}
        (SELECT account_id FROM {{ relation("contacts_profiles") }} GROUP BY account_id ORDER BY COUNT(*) DESC, account_id LIMIT 1)
    ) AS account_id
),
people AS (
    SELECT *, COALESCE(deleted, FALSE) OR _deleted_at IS NOT NULL AS removed FROM {{ relation("contacts") }} WHERE type = 'Person'
)
SELECT
    c.id AS contact_id, c.first_name, c.last_name, COALESCE(p.email, c.primary_email) AS email, p.role,
    {{ "ut.title" if has("users") and has("user_types") else "CAST(NULL AS TEXT)" }} AS user_type,
    -- Of somebody who was removed Wrike may tell none.
    CASE WHEN p.role = 'User' AND p.external THEN 'external' WHEN p.role = 'User' THEN 'regular' ELSE lower(p.role) END AS seat,
    COALESCE(p.admin OR p.owner, FALSE) AS administrator, COALESCE(p.active, NOT c.removed) AS active, c.removed,
    s.last_seen
FROM people AS c
LEFT JOIN (
    SELECT p.* FROM {{ relation("contacts_profiles") }} AS p JOIN own ON own.account_id = p.account_id
) AS p ON p.contact_id = c.id
LEFT JOIN seen AS s ON s.contact_id = c.id
{%- if has("users") and has("user_types") %}
LEFT JOIN {{ relation("users") }} AS u ON u.id = c.id
LEFT JOIN {{ relation("user_types") }} AS ut ON ut.id = u.user_type_id
{%- endif %}
