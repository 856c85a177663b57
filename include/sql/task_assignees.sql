-- Who tasks are assigned to, by name: one row a task and assignee.
SELECT
    t.id AS task_id, t.title, r.responsible_id AS contact_id,
    NULLIF(trim(COALESCE(c.first_name, '') || ' ' || COALESCE(c.last_name, '')), '') AS assignee,
    c.primary_email, CASE WHEN c.id IS NOT NULL THEN COALESCE(c.deleted, FALSE) OR c._deleted_at IS NOT NULL END AS removed
FROM {{ relation("tasks") }} AS t
JOIN {{ relation("tasks_responsible_ids") }} AS r ON r.task_id = t.id
LEFT JOIN {{ relation("contacts") }} AS c ON c.id = r.responsible_id
WHERE t._deleted_at IS NULL
