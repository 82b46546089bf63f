-- Which penalties, settlements, warnings and orders have regulators announced, up to the day asked about?
SELECT
    venue,
    regulator,
    jurisdiction,
    respondent,
    kind,
    date,
    date_precision,
    amount_usd,
    matter,
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
FROM enforcement_actions
WHERE
    position > $after
    AND asked($venue::VARCHAR[], venue)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($regulator::VARCHAR[], regulator)
    AND asked($kind::VARCHAR[], kind)
    AND coalesce(date, certain_from) <= $as_of
ORDER BY position
LIMIT $limit
