-- Which tests does a statute set for a class of client?
SELECT
    id,
    jurisdiction,
    definition,
    maps_to,
    citation,
    currency,
    all_of,
    any_of,
    needed,
    decidable,
    proposed,
    remarks,
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
FROM client_classes
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($client_class::VARCHAR[], maps_to)
ORDER BY position
LIMIT $limit
