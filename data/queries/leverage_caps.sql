-- What is the highest leverage a venue grants, by product, instrument, margin mode, client class and place? Rows that
-- hold for every instrument, mode, class or place answer for each of them.
SELECT
    venue,
    product,
    instrument,
    unified,
    base,
    margin_mode,
    client_class,
    jurisdiction,
    schedule,
    session,
    max_leverage,
    condition,
    condition_id,
    in_force,
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
FROM leverage_caps
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND ($instrument::VARCHAR[] IS NULL OR instrument = '*' OR list_contains($instrument, instrument) OR list_contains($instrument, unified))
    AND ($base::VARCHAR[] IS NULL OR (underlying IS NULL AND instrument = '*') OR list_contains($base, underlying))
    AND asked($product::VARCHAR[], product)
    AND asked_or_general($margin_mode::VARCHAR[], margin_mode, 'any')
    AND asked_or_general($client_class::VARCHAR[], client_class, 'any')
    AND asked_or_general($jurisdiction::VARCHAR[], jurisdiction, '*')
ORDER BY position
LIMIT $limit
