"""The bytes of one object: which way they go, how far they are, and moving them so that nobody sees half a file."""
