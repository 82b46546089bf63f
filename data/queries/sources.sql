-- Who says so: the pages, statutes, API responses and packages that were read?
SELECT
    id,
    title,
    publisher,
    url,
    evidence,
    published,
    published_precision,
    seen,
    sha256,
    note,
    position
FROM sources
WHERE
    position > $after
    AND asked($id::VARCHAR[], id)
    AND asked($evidence::VARCHAR[], evidence)
    AND asked($publisher::VARCHAR[], publisher)
ORDER BY position
LIMIT $limit
