"""The error for what a user can mend."""


class InputError(ValueError):
    """Something given is wrong; the message says what, where, and what would be right."""
