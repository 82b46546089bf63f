"""What an order book says about filling an order, and about what stands around a position."""
