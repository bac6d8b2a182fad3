"""The one exception of this package: something about the machine that a person has to mend."""


class MachineProblem(Exception):
    """Its text is a complete Chinese sentence for whoever started the program."""
