-- Which jurisdictions have a file of law, and how many of its rules hold on the day?
SELECT
    id,
    name,
    regulators,
    residences,
    summary,
    sources,
    scope,
    (SELECT count(*) FROM law WHERE law.jurisdiction = place.id AND holds_on(law.valid_from, law.valid_to, $as_of)) AS law_rules,
    position
FROM jurisdictions AS place
WHERE
    position > $after
    AND asked($jurisdiction::VARCHAR[], id)
ORDER BY position
LIMIT $limit
