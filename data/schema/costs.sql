-- What a venue charges.

CREATE TABLE fees (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    tier VARCHAR NOT NULL,
    schedule VARCHAR,
    min_volume_30d_usd DECIMAL(38, 18),
    min_holding VARCHAR,
    maker DECIMAL(38, 18),
    taker DECIMAL(38, 18),
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

CREATE TABLE fee_extras (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    rate DECIMAL(38, 18),
    amount DECIMAL(38, 18),
    currency VARCHAR,
    per VARCHAR NOT NULL,
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

CREATE TABLE funding_terms (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    venue VARCHAR NOT NULL,
    product VARCHAR NOT NULL,
    instrument VARCHAR NOT NULL,
    unified VARCHAR,
    base VARCHAR,
    interval_hours DECIMAL(38, 18) NOT NULL,
    cap DECIMAL(38, 18),
    floor DECIMAL(38, 18),
    interest_rate_8h DECIMAL(38, 18),
    formula VARCHAR NOT NULL,
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
