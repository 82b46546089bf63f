-- What does a venue charge for making and taking, at which volume or holding? Each of `residence` is every name that
-- covers a resident, as one text: whoever has a schedule of his own for a product is on none of the others, and nobody
-- else is on it.
WITH held AS (
    SELECT
        *,
        coalesce(
            regexp_full_match(schedule, '[A-Z]{2}(-[A-Z0-9]{1,3})?') OR schedule IN (SELECT "group" FROM memberships), FALSE
        ) AS of_a_place
    FROM fees
    WHERE holds_on(valid_from, valid_to, $as_of)
),

residents AS (
    SELECT string_split(together, ' ') AS names
    FROM unnest($residence::VARCHAR[]) AS one (together)
),

own AS (
    SELECT DISTINCT held.venue, held.product, residents.names
    FROM held
    JOIN residents ON list_contains(residents.names, held.schedule)
)

SELECT
    venue,
    product,
    tier,
    schedule,
    min_volume_30d_usd,
    min_holding,
    holding_required,
    maker,
    taker,
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
FROM held
WHERE
    position > $after
    AND asked($venue::VARCHAR[], venue)
    AND asked($product::VARCHAR[], product)
    AND ($schedule::VARCHAR[] IS NULL OR list_contains($schedule, coalesce(schedule, 'general')))
    AND (
        $residence::VARCHAR[] IS NULL
        OR EXISTS (FROM residents WHERE list_contains(residents.names, schedule))
        OR (
            NOT of_a_place
            AND (SELECT count(*) FROM own WHERE own.venue = held.venue AND own.product = held.product)
            < (SELECT count(DISTINCT names) FROM residents)
        )
    )
ORDER BY position
LIMIT $limit
