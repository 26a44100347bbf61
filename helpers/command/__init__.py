"""The command line, ``python -m helpers``: what each command takes and does.

No chapter needs it, the capstone follows it; ``helpers/__main__.py`` is its door.
"""
