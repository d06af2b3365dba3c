"""Ids in index masks."""
import numpy as np

from vosreg.fileio import LARGEST_ID, VOID_ID, object_ids


def test_objects_are_neither_background_nor_void():
    assert (LARGEST_ID, VOID_ID) == (254, 255)
    assert object_ids(np.array([[0, 255, 3], [254, 1, 3]], np.uint8)) == (1, 3, 254)
    assert object_ids(np.array([[255, 0]], np.uint8)) == object_ids(np.zeros((0, 4), np.uint8)) == ()
