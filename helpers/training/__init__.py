"""The training loop: one step, one run, and what can be added to it.

Part III: chapters 5 to 9 derive the step, *Callbacks and early stopping* and the
capstone use the whole.
"""
