"""The rules, one module per part of the book."""

from review.rule import RULES
from review.rules import (
    answers,
    blocks,
    decoding,
    explaining,
    gradients,
    hashing,
    held_out,
    keeping,
    layers,
    loading,
    loss,
    modes,
    normalising,
    pictures,
    schedule,
    serving,
    statistics,
    stepping,
    stopping,
)

__all__ = [
    "LOUD",
    "RULES",
    "answers",
    "blocks",
    "decoding",
    "explaining",
    "gradients",
    "hashing",
    "held_out",
    "keeping",
    "layers",
    "loading",
    "loss",
    "modes",
    "normalising",
    "pictures",
    "schedule",
    "serving",
    "statistics",
    "stepping",
    "stopping",
]

# What is shown without being asked for.
LOUD = [code for code, rule in RULES.items() if rule.severity != "hint"]
