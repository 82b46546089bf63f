"""What a position costs beside its profit and loss: fees, funding, borrowing, and the price that earns them back."""
