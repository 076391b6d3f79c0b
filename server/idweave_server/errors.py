"""What can go wrong, as types: each error says what was wrong, the limit, and the remedy; translated once, at the edge.

IdweaveError
├── InputError            a request, a file or a value cannot be used as given
│   ├── MappingError      the mapping does not fit the file
│   └── PolicyError       the policy is not usable
└── OutputError           a result cannot be written
"""


class IdweaveError(Exception):
    """Base of every error that a user is meant to read; its text names the remedy."""


class InputError(IdweaveError):
    """A file or a value cannot be used as it was given."""


class MappingError(InputError):
    """The mapping does not fit the file it is used on."""


class PolicyError(InputError):
    """The policy cannot be used: an unknown key, a wrong type, a value out of range."""


class OutputError(IdweaveError):
    """A result cannot be written: no permission, no space, a name already taken by something else."""
