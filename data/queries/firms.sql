-- Which firms that are no venue on file carry orders or lend, and which registrations do they hold?
SELECT
    id,
    name,
    regulator,
    jurisdiction,
    category,
    described_as,
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
FROM firms
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($id::VARCHAR[], id)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($regulator::VARCHAR[], regulator)
    AND asked($category::VARCHAR[], category)
ORDER BY position
LIMIT $limit
