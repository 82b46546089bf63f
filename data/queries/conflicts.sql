-- Where do two sources disagree, which value was kept, and why? A disagreement about the subject as a whole has no
-- family and answers for each.
-- A release of schema 1 has no families: `BY NAME` with no row adds the column that it lacks.
SELECT
    key,
    subject,
    family,
    fact,
    kept,
    other,
    kept_source,
    other_source,
    why,
    position
FROM (FROM conflicts UNION ALL BY NAME SELECT NULL::VARCHAR AS family WHERE false)
WHERE
    position > $after
    AND (
        ($venue::VARCHAR[] IS NULL AND $jurisdiction::VARCHAR[] IS NULL)
        OR list_contains(list_concat($venue::VARCHAR[], $jurisdiction::VARCHAR[]), subject)
    )
    AND ($family::VARCHAR[] IS NULL OR family IS NULL OR list_contains($family, family))
ORDER BY position
LIMIT $limit
