-- Which jurisdictions have a file of law, and how many of its rules hold on the day or were announced by then? A rule is of the file that its
-- source is of, whatever place of the file it is for: the AE file holds rules of AE-DU, the EU file those of the EEA.
WITH shown AS (
    SELECT
        jurisdiction,
        source
    FROM law
    WHERE
        (holds_on(valid_from, valid_to, $as_of) AND (in_force != 'announced' OR announced IS NULL OR announced <= $as_of))
        OR (announced <= $as_of AND $as_of < valid_from)
)
SELECT
    id,
    name,
    regulators,
    residences,
    summary,
    sources,
    scope,
    (SELECT count(*) FROM shown WHERE shown.jurisdiction = place.id OR split_part(shown.source, '.', 1) = place.scope) AS law_rules,
    position
FROM jurisdictions AS place
WHERE
    position > $after
    AND asked($jurisdiction::VARCHAR[], id)
ORDER BY position
LIMIT $limit
