-- The status of each task by name, with its workflow: one of the account, or of a single space.
SELECT
    t.id AS task_id, t.title, t.status AS status_group, t.custom_status_id,
    COALESCE(s.name, t.status) AS status, s.color, s.workflow_id, s.workflow
FROM {{ relation("tasks") }} AS t
LEFT JOIN (
    SELECT s.custom_status_id, s.name, s.color, w.id AS workflow_id, w.name AS workflow
    FROM {{ relation("workflows_custom_statuses") }} AS s
    LEFT JOIN {{ relation("workflows") }} AS w ON w.id = s.workflow_id
    {%- if has("space_workflows_custom_statuses") %}
    UNION ALL
    SELECT s.custom_status_id, s.name, s.color, w.id AS workflow_id, w.name AS workflow
    FROM {{ relation("space_workflows_custom_statuses") }} AS s
    LEFT JOIN {{ relation("space_workflows") }} AS w ON w.id = s.space_workflow_id
    WHERE NOT EXISTS (
        SELECT 1 FROM {{ relation("workflows_custom_statuses") }} AS a WHERE a.custom_status_id = s.custom_status_id
    )
    {%- endif %}
) AS s ON s.custom_status_id = t.custom_status_id
WHERE t._deleted_at IS NULL
