"""What one trade amounts to beside what the account holds: size, margin, liquidation, risk and cost."""
