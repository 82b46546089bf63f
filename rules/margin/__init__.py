"""The arithmetic of margin: tiers, liquidation prices and cross accounts, one small module per margin model."""
