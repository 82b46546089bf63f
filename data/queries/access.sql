-- What do a venue's own terms say to clients of a place? `jurisdiction` asks for rows that name exactly that place;
-- `residence` holds every name that covers a resident: the place, its country, groups and "*".
-- A release up to schema 4 has refusals that name neither citizens nor exemptions, and does not say where the company
-- sits that serves a client: `BY NAME` with no row adds the columns that it lacks.
SELECT
    venue,
    jurisdiction,
    products,
    client_classes,
    access,
    condition,
    condition_id,
    open_through,
    coalesce(nationals, false) AS nationals,
    coalesce(exempt, []) AS exempt,
    served_from,
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
FROM (
    FROM access
    UNION ALL BY NAME
    SELECT NULL::BOOLEAN AS nationals, NULL::VARCHAR[] AS exempt, NULL::VARCHAR AS served_from WHERE false
)
WHERE
    position > $after
    AND holds_on(valid_from, valid_to, $as_of)
    AND asked($venue::VARCHAR[], venue)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND asked($residence::VARCHAR[], jurisdiction)
    AND asked_any($product::VARCHAR[], products)
    AND ($client_class::VARCHAR[] IS NULL OR list_contains(client_classes, 'any') OR list_has_any($client_class, client_classes))
    AND asked($access::VARCHAR[], access)
ORDER BY position
LIMIT $limit
