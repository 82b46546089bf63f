-- What is the first day for which a family of facts has a certain row?
SELECT min(certain_from)
FROM facts
WHERE family = $family
