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
