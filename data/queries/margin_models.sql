-- Which typed margin model, with which parameters, reckons a venue's margin here?
SELECT
    venue,
    model,
    title,
    products,
    contract_types,
    margin_modes,
    parameters,
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
FROM margin_models
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($model::VARCHAR[], model)
    AND asked_any($product::VARCHAR[], products)
    AND asked_any($contract_type::VARCHAR[], contract_types)
    AND ($margin_mode::VARCHAR[] IS NULL OR list_contains(margin_modes, 'any') OR list_has_any($margin_mode, margin_modes))
ORDER BY position
LIMIT $limit
