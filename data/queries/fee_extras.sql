-- What does a venue charge beside maker and taker fees: liquidation, settlement, clearing, borrowing?
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
FROM fee_extras
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND asked($kind::VARCHAR[], kind)
ORDER BY position
LIMIT $limit
