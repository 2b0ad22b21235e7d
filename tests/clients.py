"""The person at an end-to-end encrypted client, for tests: the one who also plays the demo."""

from bots.operation.accounts import register
from bots.operation.person import DEADLINE, MatrixPerson, Message, PersonError

__all__ = ["DEADLINE", "MatrixPerson", "Message", "PersonError", "register"]
