-- Which contracts and pairs does a venue list, under which native and unified symbol, and how are they specified?
-- A release up to schema 6 states no steps: `BY NAME` with no row adds the column that it lacks.
SELECT
    venue,
    symbol,
    symbol AS instrument,
    unified,
    product,
    base,
    quote,
    settle,
    contract_type,
    contract_size,
    contract_size_unit,
    tick_size,
    min_size,
    max_size,
    size_step,
    expiry,
    derived,
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
FROM (FROM instruments UNION ALL BY NAME SELECT NULL::DECIMAL(38, 18) AS size_step WHERE false)
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND ($instrument::VARCHAR[] IS NULL OR list_contains($instrument, symbol) OR list_contains($instrument, unified))
    AND asked($base::VARCHAR[], base)
    AND asked($quote::VARCHAR[], quote)
    AND asked($settle::VARCHAR[], settle)
    AND asked($product::VARCHAR[], product)
    AND asked($contract_type::VARCHAR[], contract_type)
ORDER BY position
LIMIT $limit
