"""What an order book says about filling an order."""
