"""What a slip costs: runs with it and without it, paired by seed.

``tasks``      the data and the network of a run
``training``   a run without a slip, one method for each decision
``slips``      runs that decide one thing wrongly, and what their chapters call it
``measures``   slips whose price is not accuracy: seconds, memory, changes unnoticed
``rows``       all slips in the order of the notes
``files``      what is kept in ``book/evidence/prices``, and when it counts
``logs``       whether the losses that a run logs show that something is wrong
"""
