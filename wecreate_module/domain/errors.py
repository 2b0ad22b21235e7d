"""The one family of errors that people are told about."""

from __future__ import annotations


class UserError(Exception):
    """Said to the person, in their language: what was wrong and what to type instead.

    `code` is stable and machine readable (`task-not-found`); `message` is the English
    message id of the gettext catalogue, with `{placeholders}` filled from `params`.
    """

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message.format(**params) if params else message)
        self.code = code
        self.message = message
        self.params = params
