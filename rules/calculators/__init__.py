"""The arithmetic of the rules for whoever asks a question without a client: one module per calculator.

Each calculator is a pure function from its inputs and the facts of one release on one day to an answer that names the
model, the formula in words, what had to be left out, and its sources.
"""
