"""Cost: fees, slippage, funding, interest and liquidation fee against the margin and against what the trade can win."""
