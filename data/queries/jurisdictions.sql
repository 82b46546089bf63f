-- Which jurisdictions have a file of law, and how many of its rules hold on the day? A rule is of the file that its
-- source is of, whatever place of the file it is for: the AE file holds rules of AE-DU, the EU file those of the EEA.
SELECT
    id,
    name,
    regulators,
    residences,
    summary,
    sources,
    scope,
    (SELECT count(*) FROM law WHERE (law.jurisdiction = place.id OR split_part(law.source, '.', 1) = place.scope) AND holds_on(law.valid_from, law.valid_to, $as_of)) AS law_rules,
    position
FROM jurisdictions AS place
WHERE
    position > $after
    AND asked($jurisdiction::VARCHAR[], id)
ORDER BY position
LIMIT $limit
