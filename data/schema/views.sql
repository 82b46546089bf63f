-- Every row about a venue or jurisdiction, whatever its family: what coverage counts.
CREATE VIEW facts AS (
    SELECT 'instruments' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM instruments
    UNION ALL
    SELECT 'margin_tiers' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM margin_tiers
    UNION ALL
    SELECT 'leverage_caps' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM leverage_caps
    UNION ALL
    SELECT 'fees' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM fees
    UNION ALL
    SELECT 'fee_extras' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM fee_extras
    UNION ALL
    SELECT 'funding_terms' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM funding_terms
    UNION ALL
    SELECT 'margin_rules' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM margin_rules
    UNION ALL
    SELECT 'margin_models' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM margin_models
    UNION ALL
    SELECT 'liquidation_policies' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM liquidation_policies
    UNION ALL
    SELECT 'adl_policies' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM adl_policies
    UNION ALL
    SELECT 'registrations' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM registrations
    UNION ALL
    SELECT 'access' AS family, venue AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM access
    UNION ALL
    SELECT 'enforcement_actions' AS family, coalesce(venue, jurisdiction) AS subject, key, source, also_sources, coalesce(valid_from, date) AS valid_from, valid_to, certain_from, low_confidence
    FROM enforcement_actions
    UNION ALL
    SELECT 'law' AS family, jurisdiction AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM law
    UNION ALL
    SELECT 'client_classes' AS family, jurisdiction AS subject, key, source, also_sources, valid_from, valid_to, certain_from, low_confidence
    FROM client_classes
);
