-- Which rules does a jurisdiction's law have for leveraged crypto trading, or were announced by the day? `rule` asks for those of a name, as findings
-- give it, `jurisdiction` for rules of that jurisdiction's file, `residence` for rules
-- whose condition holds for a resident: each value holds every name that covers one, with spaces between them.
-- A rule that was announced and has not begun is not taken to have held then already: it is not extrapolated.
SELECT
    id,
    rule,
    jurisdiction,
    title,
    regulator,
    citation,
    applies_to,
    products,
    effect,
    effect_terms,
    condition,
    questions,
    exception_to,
    legal_force,
    confidence,
    in_force,
    announced,
    screening,
    staff_level_only,
    litigation_risk,
    inference,
    remarks,
    key,
    valid_from,
    valid_from_precision,
    valid_to,
    valid_to_precision,
    certain_from,
    $as_of < certain_from AND NOT coalesce(announced <= $as_of AND (in_force = 'announced' OR $as_of < valid_from), FALSE) AS extrapolated,
    low_confidence,
    source,
    also_sources,
    note,
    position
FROM law
WHERE
    position > $after
    AND (
        (holds_on(valid_from, valid_to, $as_of) AND (in_force != 'announced' OR announced IS NULL OR announced <= $as_of))
        OR (announced <= $as_of AND $as_of < valid_from)
    )
    AND asked($rule::VARCHAR[], rule)
    AND asked($jurisdiction::VARCHAR[], jurisdiction)
    AND ($residence::VARCHAR[] IS NULL OR list_bool_or(list_transform($residence, lambda names:
        (len(residences) = 0 OR list_has_any(string_split(names, ' '), residences)) AND NOT list_has_any(string_split(names, ' '), residences_not)
    )))
    AND ($product::VARCHAR[] IS NULL OR len(products) = 0 OR list_has_any($product, products))
    AND ($client_class::VARCHAR[] IS NULL OR ((len(client_classes) = 0 OR list_has_any($client_class, client_classes)) AND NOT list_has_all(client_classes_not, $client_class)))
    AND asked($effect::VARCHAR[], effect)
    AND asked($in_force::VARCHAR[], in_force)
    AND asked($confidence::VARCHAR[], confidence)
    AND asked($regulator::VARCHAR[], regulator)
    AND asked($applies_to::VARCHAR[], applies_to)
ORDER BY position
LIMIT $limit
