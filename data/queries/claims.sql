-- Which popular claims about law and venues were checked, and what did checking find?
SELECT
    id,
    article,
    claim,
    verdict,
    correction,
    key,
    valid_from,
    valid_from_precision,
    valid_to,
    valid_to_precision,
    certain_from,
    $as_of < certain_from AS extrapolated,
    low_confidence,
    source,
    also_sources,
    note,
    position
FROM claims
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($article::VARCHAR[], article)
    AND asked($verdict::VARCHAR[], verdict)
ORDER BY position
LIMIT $limit
