-- Who may trade where: registrations, venue terms, enforcement, groups of countries.

CREATE TABLE registrations (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR NOT NULL,
    regulator VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    described_as VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    active BOOLEAN NOT NULL,
    products VARCHAR[] NOT NULL,
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

CREATE TABLE access (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    products VARCHAR[] NOT NULL,
    client_classes VARCHAR[] NOT NULL,
    access VARCHAR NOT NULL,
    condition VARCHAR,
    condition_id VARCHAR,
    open_through VARCHAR[] NOT NULL,
    nationals BOOLEAN NOT NULL,
    exempt VARCHAR[] NOT NULL,
    served_from VARCHAR,
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

CREATE TABLE enforcement_actions (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR,
    regulator VARCHAR NOT NULL,
    jurisdiction VARCHAR NOT NULL,
    respondent VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    date DATE,
    date_precision VARCHAR NOT NULL,
    amount_usd DECIMAL(38, 18),
    matter VARCHAR NOT NULL,
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

CREATE TABLE memberships (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    "group" VARCHAR NOT NULL,
    member VARCHAR NOT NULL,
    treated_as BOOLEAN NOT NULL,
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
