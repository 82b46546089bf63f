-- How many rows of each family are there about a venue or jurisdiction on a day?
SELECT
    family,
    count(*) AS rows
FROM facts
WHERE
    subject = $subject
    AND holds_on(valid_from, valid_to, $as_of)
GROUP BY family
ORDER BY family
