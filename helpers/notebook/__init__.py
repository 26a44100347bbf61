"""What keeps the book true: claims that can fail, and figures measured on a GPU.

Every chapter makes claims; 2, 9, 13, 15, 16 and 17 measure on a GPU.
"""

from helpers.notebook.claims import claim, exercise, tally

__all__ = ["claim", "exercise", "tally"]
