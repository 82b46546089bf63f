-- How often and within which bounds does a venue charge funding, and by which formula? `base` asks for terms of that
-- coin and for those of every instrument; an instrument whose coin is not on file has none.
SELECT
    venue,
    product,
    instrument,
    unified,
    base,
    variant,
    interval_hours,
    cap,
    floor,
    interest_rate_8h,
    formula,
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
FROM funding_terms
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND ($instrument::VARCHAR[] IS NULL OR instrument = '*' OR list_contains($instrument, instrument) OR list_contains($instrument, unified))
    AND ($base::VARCHAR[] IS NULL OR (base IS NULL AND instrument = '*') OR list_contains($base, base))
    AND asked($product::VARCHAR[], product)
ORDER BY position
LIMIT $limit
