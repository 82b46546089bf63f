"""What happens to a connection and its bytes before and after a route: bounds, bodies, and orderly ends."""
