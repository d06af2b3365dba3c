"""Scores of predicted masks.

``functional`` and ``mask_folders`` work on arrays and files and need neither torch nor MMEngine; ``metrics`` holds the
parts that run inside MMEngine.
"""
