"""Dates in German and English: text in, days, instants and recurrence rules out."""

from wecreate_module.domain.dates.moments import Moment, find_moment, parse_moment
from wecreate_module.domain.dates.recurrence import find_recurrence, parse_recurrence
from wecreate_module.domain.dates.rules import Recurrence, full_rule, rule_parts

__all__ = [
    "Moment",
    "Recurrence",
    "find_moment",
    "find_recurrence",
    "full_rule",
    "parse_moment",
    "parse_recurrence",
    "rule_parts",
]
