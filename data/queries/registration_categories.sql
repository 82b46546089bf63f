-- Which registrations are there, who grants them and what do they permit?
SELECT
    id,
    name,
    regulator,
    jurisdiction,
    permits,
    client_classes,
    implies,
    may_include,
    market,
    reached_through,
    available,
    note,
    position
FROM registration_categories
WHERE
    position > $after
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($regulator::VARCHAR[], regulator)
    AND asked_any($product::VARCHAR[], permits)
ORDER BY position
LIMIT $limit
