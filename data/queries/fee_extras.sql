-- What does a venue charge beside maker and taker fees: liquidation, settlement, clearing, borrowing, taxes? A release
-- up to schema 8 states no places: `BY NAME` with no row adds the column that it lacks.
SELECT
    venue,
    product,
    kind,
    instrument,
    asset,
    rate,
    amount,
    currency,
    per,
    described_as,
    residence,
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
FROM (FROM fee_extras UNION ALL BY NAME SELECT NULL::VARCHAR AS residence WHERE false)
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND asked($kind::VARCHAR[], kind)
ORDER BY position
LIMIT $limit
