-- What is the first day for which a family of facts has a certain row?
SELECT min(certain_from)
FROM (
    SELECT family, certain_from FROM facts
    UNION ALL
    SELECT 'firms' AS family, certain_from FROM firms
    UNION ALL
    SELECT 'memberships' AS family, certain_from FROM memberships
    UNION ALL
    SELECT 'claims' AS family, certain_from FROM claims
) AS rows_of_lists
WHERE family = $family
