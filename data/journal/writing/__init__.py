"""The process that stores the entries of one service: what it is told, and how it appends them.

Nothing here loads the SQL toolkit: with it the process would take five times as long to start.
"""
