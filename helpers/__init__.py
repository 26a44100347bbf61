"""The annotated program behind *Seventeen Notes on an Image Classifier*.

The rooms mirror the book. Each imports from those before it and from the ground
floor, which are the modules beside this file:

``notebook`` · ``data`` · ``model`` · ``evaluation`` · ``training`` · ``command`` ·
``classroom``

This file imports nothing, so ``import helpers`` costs next to nothing: each module
loads what it needs when it is itself imported.
"""

__version__ = "0.1.0"
