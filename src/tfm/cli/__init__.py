"""The command line of `tfm`."""
