"""Items for the model."""
import numpy as np
import torch

from vosreg.datasets.transforms import PackClip, PackFrame


def test_a_clip():
    images = [np.full((4, 6, 3), (t, 10 + t, 20 + t), np.uint8) for t in range(3)]
    masks = [np.full((4, 6), t, np.uint8) for t in range(3)]
    item = PackClip()(dict(images=images, masks=masks, video='cat', frame_ids=[7, 5, 2]))
    assert item['inputs'].shape == (3, 3, 4, 6) and item['inputs'].dtype == torch.uint8
    assert item['inputs'][2, :, 0, 0].tolist() == [2, 12, 22]
    sample = item['data_samples']
    assert sample.masks.shape == (3, 4, 6) and sample.masks[2, 0, 0] == 2
    assert (sample.video, sample.frame_ids, sample.num_objects) == ('cat', (7, 5, 2), 2)


def _frame(**changes):
    return PackFrame()(
        dict(image=np.full((4, 6, 3), (1, 2, 3), np.uint8), ori_shape=(8, 12), object_ids=(1, 4), video='cat',
             frame_index=1, num_frames=3, **changes))


def test_a_frame():
    item = _frame(frame_paths=['cat/a.jpg', 'cat/b.jpg', 'cat/c.jpg'], gt_mask=np.ones((8, 12), np.uint8))
    assert item['inputs'].shape == (3, 4, 6) and item['inputs'][:, 0, 0].tolist() == [1, 2, 3]
    sample = item['data_samples']
    assert sample.gt_mask.shape == (8, 12) and 'given_mask' not in sample
    assert (sample.frame_name, sample.frame_path, sample.frame_index) == ('b', 'cat/b.jpg', 1)
    assert (sample.video, sample.video_length, sample.ori_shape, sample.object_ids) == ('cat', 3, (8, 12), (1, 4))


def test_a_rendered_frame_has_a_name_but_no_path():
    sample = _frame(given_mask=np.ones((4, 6), np.uint8))['data_samples']
    assert (sample.frame_name, sample.frame_path) == ('00001', '')
    assert sample.given_mask.dtype == torch.uint8
