-- Where do two sources disagree, which value was kept, and why?
SELECT
    key,
    subject,
    fact,
    kept,
    other,
    kept_source,
    other_source,
    why,
    position
FROM conflicts
WHERE
    position > $after
    AND asked($venue::VARCHAR[], subject)
    AND asked($jurisdiction::VARCHAR[], subject)
ORDER BY position
LIMIT $limit
