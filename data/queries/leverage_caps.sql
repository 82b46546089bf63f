-- What is the highest leverage a venue grants, by product, instrument, margin mode, client class and place? Rows that
-- hold for every instrument, mode, class or place answer for each of them; one limited to a coin (`base`) answers for
-- instruments of that coin, and for those whose coin is not on file. `jurisdiction` and `residence` hold every name
-- that covers the place asked about: a general cap without the narrower one beside it would tell too much.
WITH named AS (
    SELECT
        list(DISTINCT base) AS coins,
        list_concat(list(symbol), list(unified)) AS names
    FROM instruments
    WHERE list_contains($instrument::VARCHAR[], symbol) OR list_contains($instrument, unified)
)

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
CROSS JOIN named
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND (
        $instrument::VARCHAR[] IS NULL OR list_contains($instrument, instrument) OR list_contains($instrument, unified)
        OR (instrument = '*' AND (base IS NULL OR list_contains(named.coins, base) OR NOT coalesce(list_has_all(named.names, $instrument), FALSE)))
    )
    AND ($base::VARCHAR[] IS NULL OR (underlying IS NULL AND instrument = '*') OR list_contains($base, underlying))
    AND asked($product::VARCHAR[], product)
    AND asked_or_general($margin_mode::VARCHAR[], margin_mode, 'any')
    AND asked_or_general($client_class::VARCHAR[], client_class, 'any')
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($residence::VARCHAR[], jurisdiction)
ORDER BY position
LIMIT $limit
