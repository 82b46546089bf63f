-- Which licences and registrations does a venue's group hold?
SELECT
    venue,
    regulator,
    jurisdiction,
    category,
    described_as,
    entity,
    active,
    products,
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
FROM registrations
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($regulator::VARCHAR[], regulator)
    AND asked($category::VARCHAR[], category)
    AND asked($active::VARCHAR[], active::VARCHAR)
    AND ($product::VARCHAR[] IS NULL OR len(products) = 0 OR list_has_any($product, products))
ORDER BY position
LIMIT $limit
