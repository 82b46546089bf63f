-- What list queries have in common.

-- Does a row with these bounds hold on a day? Half-open; an absent bound is open. A row whose start is unknown is not
-- carried back before the day of Bitcoin's first block: nothing that is on file here existed then.
CREATE MACRO holds_on(row_from, row_to, day) AS (
    coalesce(row_from, DATE '2009-01-03') <= day AND (row_to IS NULL OR day < row_to)
);

-- Is a value among those asked for? No list asks for nothing.
CREATE MACRO asked(wanted, value) AS (wanted IS NULL OR list_contains(wanted, value));

-- The same for a fact that may hold for every value: `general` is the word that stands for all of them.
CREATE MACRO asked_or_general(wanted, value, general) AS (
    wanted IS NULL OR value = general OR list_contains(wanted, value)
);

-- Is any of several values among those asked for?
CREATE MACRO asked_any(wanted, held) AS (wanted IS NULL OR list_has_any(wanted, held));
