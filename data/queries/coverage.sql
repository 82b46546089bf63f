-- How much is known about each venue and jurisdiction, family by family: rows, rows with a primary source, rows that
-- hold on the day, and the dates of their sources? `margin_tiers` counts rungs. An action of a regulator whose day no source
-- gives counts from the day it is certain from, as it is listed.
SELECT
    facts.family,
    facts.subject,
    count(*) AS rows,
    count(*) FILTER (holds_on(facts.valid_from, facts.valid_to, $as_of)) AS rows_on_day,
    count(*) FILTER (sources.evidence = 'primary') AS primary_rows,
    count(*) FILTER (facts.low_confidence) AS low_confidence_rows,
    min(coalesce(sources.published, sources.seen)) AS oldest_source,
    max(coalesce(sources.published, sources.seen)) AS newest_source
FROM (
    SELECT * REPLACE (
        CASE WHEN family = 'enforcement_actions' THEN coalesce(valid_from, certain_from) ELSE valid_from END
            AS valid_from
    )
    FROM facts
    UNION ALL
    SELECT 'memberships' AS family, 'groups' AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM memberships
) AS facts
INNER JOIN sources ON facts.source = sources.id
GROUP BY facts.family, facts.subject
ORDER BY facts.subject, facts.family
