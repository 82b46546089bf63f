-- When and how does a venue close a position by force?
SELECT
    venue,
    product,
    margin_mode,
    contract_type,
    variant,
    trigger_price,
    trigger,
    method,
    liquidation_fee,
    liquidation_fee_words,
    margin_call_level,
    margin_call_words,
    insurance_fund,
    liquidation_price_formula,
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
FROM liquidation_policies
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND asked_or_general($margin_mode::VARCHAR[], margin_mode, 'any')
    AND ($contract_type::VARCHAR[] IS NULL OR contract_type IS NULL OR list_contains($contract_type, contract_type))
ORDER BY position
LIMIT $limit
