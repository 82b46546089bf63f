-- Which venues are on file, and in which state is each on the day? The first period of a venue's life also stands for
-- earlier days, as far back as any row of unknown start. A state begun in a month or year is certain from its last day, and
-- so is a source dated to one, at the latest from the day it was read.
-- Before `home_from` a seat is not known; a release up to schema 4 does not date seats, and `BY NAME` with no row adds
-- the column that it lacks.
WITH periods AS (
    SELECT
        *,
        lead(valid_from) OVER (PARTITION BY venue ORDER BY position) AS valid_to,
        CASE valid_from_precision
            WHEN 'month' THEN last_day(valid_from)
            WHEN 'year' THEN make_date(year(valid_from), 12, 31)
            ELSE valid_from
        END AS begun_by
    FROM venue_status
),

dated AS (
    SELECT
        id,
        least(
            CASE published_precision
                WHEN 'month' THEN last_day(published)
                WHEN 'year' THEN make_date(year(published), 12, 31)
                ELSE published
            END,
            seen
        ) AS certain_from
    FROM sources
),

current AS (
    SELECT *
    FROM periods
    WHERE position = 0 OR valid_from <= $as_of
    QUALIFY row_number() OVER (PARTITION BY venue ORDER BY position DESC) = 1
),

seated AS (
    SELECT * REPLACE (
        CASE WHEN home_from IS NULL OR home_from <= $as_of THEN home_jurisdiction END AS home_jurisdiction,
        CASE WHEN home_from IS NULL OR home_from <= $as_of THEN zone END AS zone
    )
    FROM (FROM venues UNION ALL BY NAME SELECT NULL::DATE AS home_from WHERE false)
)
SELECT
    venues.id,
    venues.name,
    venues.operator,
    venues.parent,
    venues.home_jurisdiction,
    venues.zone,
    venues.home_from,
    venues.website,
    venues.kind,
    venues.products,
    current.state AS status,
    current.valid_from AS status_from,
    current.valid_from_precision AS status_from_precision,
    current.successor,
    current.valid_from,
    current.valid_to,
    coalesce(current.begun_by, sources.certain_from) AS certain_from,
    coalesce($as_of < coalesce(current.begun_by, sources.certain_from), FALSE) AS extrapolated,
    current.source,
    current.note AS status_note,
    venues.note,
    venues.position
FROM seated AS venues
INNER JOIN current ON venues.id = current.venue
LEFT JOIN dated AS sources ON current.source = sources.id
WHERE
    venues.position > $after
    AND holds_on(NULL, NULL, $as_of)
    AND asked($venue::VARCHAR[], venues.id)
    AND asked($kind::VARCHAR[], venues.kind)
    AND asked($status::VARCHAR[], current.state)
    AND asked($jurisdiction::VARCHAR[], venues.home_jurisdiction)
    AND asked_any($product::VARCHAR[], venues.products)
ORDER BY venues.position
LIMIT $limit
