-- Which periods does a venue's life have, in order?
SELECT
    state,
    valid_from,
    valid_from_precision,
    successor,
    source,
    note
FROM venue_status
WHERE venue = $venue
ORDER BY position
