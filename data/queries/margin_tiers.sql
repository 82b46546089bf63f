-- Which margin does a venue ask at which size: the rungs of its ladders, each with its floor and cap in the ladder's
-- own unit? `positions` are the rungs that hold a notional, where one was asked about.
SELECT
    venue,
    instrument,
    unified,
    base,
    product,
    contract_type,
    settle,
    client_class,
    schedule,
    session,
    side,
    tier,
    floor,
    cap,
    unit,
    initial_margin_rate,
    maintenance_margin_rate,
    maintenance_amount,
    max_leverage,
    observed,
    usable,
    complete,
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
FROM margin_tiers
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND ($positions::INTEGER[] IS NULL OR list_contains($positions, position))
    AND asked($venue::VARCHAR[], venue)
    AND ($instrument::VARCHAR[] IS NULL OR list_contains($instrument, instrument) OR list_contains($instrument, unified))
    AND asked($base::VARCHAR[], base)
    AND asked($settle::VARCHAR[], settle)
    AND asked($product::VARCHAR[], product)
    AND asked($contract_type::VARCHAR[], contract_type)
    AND asked_or_general($client_class::VARCHAR[], client_class, 'any')
    AND ($schedule::VARCHAR[] IS NULL OR schedule IS NULL OR list_contains($schedule, schedule))
    AND ($session::VARCHAR[] IS NULL OR session IS NULL OR list_contains($session, session))
    AND ($side::VARCHAR[] IS NULL OR side IS NULL OR list_contains($side, side))
ORDER BY position
LIMIT $limit
