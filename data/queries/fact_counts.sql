-- How many rows of each family are there about a venue or jurisdiction on a day? An action of a regulator whose day no
-- source gives counts from the day it is certain from, as it is listed.
SELECT
    family,
    count(*) AS rows
FROM facts
WHERE
    subject = $subject
    AND holds_on(
        CASE WHEN family = 'enforcement_actions' THEN coalesce(valid_from, certain_from) ELSE valid_from END,
        valid_to,
        $as_of
    )
GROUP BY family
ORDER BY family
