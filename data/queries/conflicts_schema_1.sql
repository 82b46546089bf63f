-- Where do two sources disagree, which value was kept, and why (in a release of schema 1, whose table has no family)?
SELECT
    key,
    subject,
    NULL::VARCHAR AS family,
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
    AND (
        ($venue::VARCHAR[] IS NULL AND $jurisdiction::VARCHAR[] IS NULL)
        OR list_contains(list_concat($venue::VARCHAR[], $jurisdiction::VARCHAR[]), subject)
    )
    AND ($family::VARCHAR[] IS NULL OR TRUE)
ORDER BY position
LIMIT $limit
