-- Which countries belong to which group (EU, EEA, GCC)?
SELECT
    "group",
    member,
    treated_as,
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
FROM memberships
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($group::VARCHAR[], "group")
    AND asked($member::VARCHAR[], member)
ORDER BY position
LIMIT $limit
