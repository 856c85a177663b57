-- The status of each task by name, with its workflow.
SELECT
    t.id AS task_id, t.title, t.status AS status_group, t.custom_status_id,
    COALESCE(s.name, t.status) AS status, s.color, w.id AS workflow_id, w.name AS workflow
FROM {{ relation("tasks") }} AS t
LEFT JOIN {{ relation("workflows_custom_statuses") }} AS s ON s.custom_status_id = t.custom_status_id
LEFT JOIN {{ relation("workflows") }} AS w ON w.id = s.workflow_id
WHERE t._deleted_at IS NULL
