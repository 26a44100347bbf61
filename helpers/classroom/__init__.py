"""Grading: students' notebooks are run, and the chapters' checks decide.

The page *Grading* says how to use it; no chapter does.
"""
