"""The rules, one module per part of the book."""

from review.rule import RULES
from review.rules import (
    answers,
    blocks,
    explaining,
    gradients,
    hashing,
    keeping,
    layers,
    loading,
    loss,
    modes,
    pictures,
    schedule,
    serving,
    stepping,
)

__all__ = [
    "LOUD",
    "RULES",
    "answers",
    "blocks",
    "explaining",
    "gradients",
    "hashing",
    "keeping",
    "layers",
    "loading",
    "loss",
    "modes",
    "pictures",
    "schedule",
    "serving",
    "stepping",
]

# What is shown without being asked for.
LOUD = [code for code, rule in RULES.items() if rule.severity != "hint"]
