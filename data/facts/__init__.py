"""The vocabulary of facts: frozen Structs and closed word lists, nothing that reads or writes."""
