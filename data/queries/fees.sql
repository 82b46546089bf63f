-- What does a venue charge for making and taking, at which volume or holding?
SELECT
    venue,
    product,
    tier,
    schedule,
    min_volume_30d_usd,
    min_holding,
    holding_required,
    maker,
    taker,
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
FROM fees
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND ($schedule::VARCHAR[] IS NULL OR list_contains($schedule, coalesce(schedule, 'general')))
ORDER BY position
LIMIT $limit
