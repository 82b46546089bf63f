-- Law as dated data. What has parts of its own (an effect, a condition, questions) stands as JSON.

-- `rule` is the name findings use. Residences and client classes repeat what the condition says of them.
CREATE TABLE law (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    regulator VARCHAR NOT NULL,
    citation VARCHAR NOT NULL,
    applies_to VARCHAR NOT NULL,
    products VARCHAR[] NOT NULL,
    residences VARCHAR[] NOT NULL,
    residences_not VARCHAR[] NOT NULL,
    client_classes VARCHAR[] NOT NULL,
    client_classes_not VARCHAR[] NOT NULL,
    effect VARCHAR NOT NULL,
    effect_terms VARCHAR NOT NULL,
    condition VARCHAR NOT NULL,
    questions VARCHAR NOT NULL,
    exception_to VARCHAR[] NOT NULL,
    legal_force VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    in_force VARCHAR NOT NULL,
    announced DATE,
    screening BOOLEAN NOT NULL,
    staff_level_only BOOLEAN NOT NULL,
    litigation_risk BOOLEAN NOT NULL,
    inference BOOLEAN NOT NULL,
    remarks VARCHAR[] NOT NULL,
    valid_from DATE,
    valid_from_precision VARCHAR NOT NULL,
    valid_to DATE,
    valid_to_precision VARCHAR NOT NULL,
    certain_from DATE NOT NULL,
    source VARCHAR NOT NULL,
    also_sources VARCHAR[] NOT NULL,
    low_confidence BOOLEAN NOT NULL,
    note VARCHAR
);

CREATE TABLE jurisdictions (
    position INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    regulators VARCHAR[] NOT NULL,
    residences VARCHAR[] NOT NULL,
    summary VARCHAR NOT NULL,
    sources VARCHAR[] NOT NULL,
    scope VARCHAR NOT NULL
);

CREATE TABLE client_classes (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    maps_to VARCHAR,
    citation VARCHAR NOT NULL,
    currency VARCHAR,
    all_of VARCHAR NOT NULL,
    any_of VARCHAR NOT NULL,
    needed INTEGER NOT NULL,
    decidable BOOLEAN NOT NULL,
    proposed BOOLEAN NOT NULL,
    remarks VARCHAR[] NOT NULL,
    valid_from DATE,
    valid_from_precision VARCHAR NOT NULL,
    valid_to DATE,
    valid_to_precision VARCHAR NOT NULL,
    certain_from DATE NOT NULL,
    source VARCHAR NOT NULL,
    also_sources VARCHAR[] NOT NULL,
    low_confidence BOOLEAN NOT NULL,
    note VARCHAR
);

CREATE TABLE claims (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    claim VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    correction VARCHAR NOT NULL,
    valid_from DATE,
    valid_from_precision VARCHAR NOT NULL,
    valid_to DATE,
    valid_to_precision VARCHAR NOT NULL,
    certain_from DATE NOT NULL,
    source VARCHAR NOT NULL,
    also_sources VARCHAR[] NOT NULL,
    low_confidence BOOLEAN NOT NULL,
    note VARCHAR
);

CREATE TABLE registration_categories (
    position INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    regulator VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    permits VARCHAR[] NOT NULL,
    client_classes VARCHAR[] NOT NULL,
    implies VARCHAR[] NOT NULL,
    may_include VARCHAR[] NOT NULL,
    market BOOLEAN NOT NULL,
    reached_through VARCHAR[] NOT NULL,
    available BOOLEAN NOT NULL,
    note VARCHAR
);

CREATE TABLE firms (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    regulator VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    described_as VARCHAR,
    valid_from DATE,
    valid_from_precision VARCHAR NOT NULL,
    valid_to DATE,
    valid_to_precision VARCHAR NOT NULL,
    certain_from DATE NOT NULL,
    source VARCHAR NOT NULL,
    also_sources VARCHAR[] NOT NULL,
    low_confidence BOOLEAN NOT NULL,
    note VARCHAR
);
