-- How does a venue compute margin, in words and formulas?
SELECT
    venue,
    product,
    contract_type,
    variant,
    initial_margin_formula,
    maintenance_margin_formula,
    notional_basis,
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
FROM margin_rules
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND asked($contract_type::VARCHAR[], contract_type)
ORDER BY position
LIMIT $limit
