"""What an expression stands for: a value followed through names, calls and classes.

``follower.py`` holds the class, each other module one kind of expression; what they
ask of the class is the protocol in ``follows.py``, so imports go one way.
"""
