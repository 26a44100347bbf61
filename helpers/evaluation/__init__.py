"""From a network and images to answers, and what can be learnt from them.

Part IV: chapters 10 to 13; chapters 1, 3, 5 and 6 and all interludes count with it.
"""
