"""The facts that bear on one trade: looked up once, and told with their sources, dates and doubts."""
