"""The interpreter of law: typed rules, three truth values, exceptions that name what they except."""
