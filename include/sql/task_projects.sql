-- The projects of each task: of every folder that it is in the nearest project upwards. One row a task and project.
WITH RECURSIVE reached AS (
    SELECT id AS folder_id, id AS project_id
    FROM {{ relation("folders") }}
    WHERE is_project AND _deleted_at IS NULL
    UNION
    SELECT p.folder_id, r.project_id
    FROM reached AS r
    JOIN {{ relation("folders_parent_ids") }} AS p ON p.parent_id = r.folder_id
    JOIN {{ relation("folders") }} AS f ON f.id = p.folder_id
    WHERE NOT f.is_project AND f._deleted_at IS NULL
),
places AS (
    SELECT task_id, parent_id AS folder_id FROM {{ relation("tasks_parent_ids") }}
    UNION
    SELECT task_id, super_parent_id FROM {{ relation("tasks_super_parent_ids") }}
)
SELECT DISTINCT t.id AS task_id, t.title, r.project_id, f.title AS project
FROM {{ relation("tasks") }} AS t
JOIN places AS p ON p.task_id = t.id
JOIN reached AS r ON r.folder_id = p.folder_id
JOIN {{ relation("folders") }} AS f ON f.id = r.project_id
WHERE t._deleted_at IS NULL
