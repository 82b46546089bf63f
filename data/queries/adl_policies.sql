-- May a venue close a winner to cover a loser, in which order and at what price?
SELECT
    venue,
    product,
    variant,
    "exists",
    trigger,
    ranking,
    indicator,
    counterparty_price,
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
FROM adl_policies
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
ORDER BY position
LIMIT $limit
