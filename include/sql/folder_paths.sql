-- The full path of each folder, from its space down; a folder in several places has a row for each.
WITH RECURSIVE there AS (
    SELECT id, title FROM {{ relation("folders") }} WHERE _deleted_at IS NULL AND COALESCE(scope, '') NOT LIKE '%Root'
),
inside AS (
    SELECT p.folder_id, p.parent_id
    FROM {{ relation("folders_parent_ids") }} AS p
    JOIN there AS parent ON parent.id = p.parent_id
    JOIN there AS child ON child.id = p.folder_id
),
paths AS (
    SELECT id AS folder_id, id AS top_folder_id, CAST(title AS TEXT) AS path, 1 AS depth, CAST('/' || id || '/' AS TEXT) AS way
    FROM there
    WHERE id NOT IN (SELECT folder_id FROM inside)
    UNION ALL
    SELECT i.folder_id, p.top_folder_id, p.path || ' / ' || t.title, p.depth + 1, p.way || i.folder_id || '/'
    FROM paths AS p
    JOIN inside AS i ON i.parent_id = p.folder_id
    JOIN there AS t ON t.id = i.folder_id
    WHERE position('/' || i.folder_id || '/' IN p.way) = 0
)
SELECT folder_id, path, depth, top_folder_id FROM paths
