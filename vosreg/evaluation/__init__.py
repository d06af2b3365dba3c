"""Scores of predicted masks.

``functional``, ``mask_folders``, ``score_merging`` and ``report`` work on arrays and files and load no PyTorch;
``submission`` does, and so does ``metrics``, the parts that run inside MMEngine.
"""
