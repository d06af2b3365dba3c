"""tools/analysis_tools/visualize_correspondence.py on a tiny model without training."""
import numpy as np
import pytest
import torch
from golden import REPOSITORY, load_module
from mmengine.registry import init_default_scope
from toy_training import run_tool, write_config

from vosreg.engine import load_config
from vosreg.engine.checkpoints import TRUST_VARIABLE
from vosreg.fileio import read_image, write_image, write_mask
from vosreg.registry import DATASETS, MODELS
from vosreg.visualization.heat_maps import tile_size
from vosreg.visualization.match_panels import VERDICT_COLOURS

TINY = """
_base_ = '{repository}/configs/stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=8), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)), test_cfg=dict(mem_every=2),
    correspondence=[dict(type='PixelCorrespondence')])
test_dataloader = dict(dataset=dict(size=(64, 80), num_videos=2, num_frames=6))
"""
FOLDER = """
test_dataloader = dict(dataset=dict(
    _delete_=True, type='VideoFolderDataset', frames_root='{root}/frames', masks_root='{root}/masks',
    annotations_root={annotations}, test_mode=True,
    pipeline=[dict(type='LoadFrame'), dict(type='ResizeShortSide', size=64), dict(type='PackFrame')]))
"""


@pytest.fixture
def draw(tmp_path, monkeypatch):
    """Run the tool on a config's text; returns the pictures by their paths."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(TRUST_VARIABLE, raising=False)

    def run(config, *arguments):
        run_tool('visualize-correspondence', config, *arguments, '--out', tmp_path / 'out')
        paths = sorted((tmp_path / 'out').rglob('*.*'))
        return {str(path.relative_to(tmp_path / 'out')): read_image(path) for path in paths}

    return run


@pytest.fixture
def config(tmp_path):
    path = tmp_path / f'tiny_{tmp_path.name}.py'
    path.write_text(TINY.format(repository=REPOSITORY))
    return path


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory):
    """Two of different random weights."""
    folder = tmp_path_factory.mktemp('checkpoints')
    (folder / 'tiny.py').write_text(TINY.format(repository=REPOSITORY))
    config = load_config(folder / 'tiny.py', work_dir=str(folder))
    init_default_scope('vosreg')
    config.model.pop('correspondence')
    paths = []
    for seed in range(2):
        torch.manual_seed(seed)
        paths.append(folder / f'seed_{seed}.pth')
        torch.save(dict(state_dict=MODELS.build(config.model).state_dict()), paths[-1])
    return paths


@pytest.fixture
def folder(tmp_path, config):
    """A video of five frames of 40x50 pixels that are all the same; its masks are given in frame 1."""
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    mask = np.zeros((40, 50), np.uint8)
    mask[8:30, 10:34] = 3
    for t in range(5):
        write_image(tmp_path / 'frames' / 'still' / f'{t + 7}.png', image)
    write_mask(tmp_path / 'masks' / 'still' / '8.png', mask)
    for t in (1, 2, 4):
        write_mask(tmp_path / 'truth' / 'still' / f'{t + 7}.png', mask)
    return tmp_path


def write_folder_config(config, root, annotations):
    config.write_text(TINY.format(repository=REPOSITORY) + FOLDER.format(root=root, annotations=annotations))


def test_middle_and_last_frame_of_the_first_video(draw, config, checkpoints, capsys):
    pictures = draw(config, checkpoints[0], '--num-points', 3)
    names = [f'val_000000/{frame}_{kind}.png' for frame in ('00003', '00005') for kind in ('heat', 'matches')]
    assert list(pictures) == names
    output = capsys.readouterr()
    assert all(name in output.out for name in names) and 'checkpoints0/seed_0: val_000000: 100%' in output.err
    # Frame 3 has the memory frames 0 and 2, frame 5 has 0, 2 and 4.
    heat = [pictures[name].shape[1] for name in names[::2]]
    assert heat[1] - heat[0] == tile_size((64, 80))[0] + 8


def test_two_checkpoints_have_a_row_each(draw, config, checkpoints):
    one = draw(config, checkpoints[0], '--video', 'val_000001', '--frame', 2, '--points', '20,30', '70,60')
    both = draw(config, *checkpoints, '--video', 'val_000001', '--frame', 2, '--points', '20,30', '70,60',
                '--labels', 'one', 'other')
    assert list(one) == list(both) == ['val_000001/00002_heat.png', 'val_000001/00002_matches.png']
    one, both = one['val_000001/00002_matches.png'], both['val_000001/00002_matches.png']
    row = both.shape[0] - one.shape[0]
    assert both.shape[1] == one.shape[1] and row == 700
    assert np.array_equal(both[60:row], one[60:row]) and (both[row + 60:2 * row] != one[60:row]).any()


def test_what_does_not_move_is_matched_to_its_own_place(folder, config, checkpoints):
    write_folder_config(config, folder, repr(str(folder / 'truth')))
    tool = load_module(REPOSITORY / 'tools' / 'analysis_tools' / 'visualize_correspondence.py')
    loaded = load_config(config, work_dir=str(folder))
    init_default_scope('vosreg')
    loaded.model.pop('correspondence')
    dataset = DATASETS.build(loaded.test_dataloader.dataset)
    video = tool.find_video(dataset, '')
    assert video == tool.Video('still', 0, 5, 1)
    assert tool.choose_frames(video, []) == [3, 4]
    sample = tool.segment(tool.load_model(loaded, str(checkpoints[0])), dataset, video, [4], 'label')[4]
    frames = {index: tool.show_frame(dataset, video, index) for index in (1, 3, 4)}
    assert frames[4].image.shape == (40, 50, 3) and frames[3].mask is None and frames[4].name == '11'
    # On the object, on the background, and on the background in the last corner, in pixels of the file.
    points = np.array([[20, 20], [5, 35], [49, 39]])
    matches = tool.match_points(sample, frames[4], {1: frames[1], 3: frames[3]}, points, 'label')
    # The input has 64x80 pixels, so locations of 8 pixels are 8 x 10.
    assert matches.grid.size == (8, 10)
    assert (matches.locations[:, :2] == [[4 * 10 + 4], [7 * 10 + 1], [7 * 10 + 9]]).all()
    assert (np.sort(matches.frames[:, :2]) == [1, 3]).all()
    # What is known of frame 1 is right; nothing is known of frame 3.
    assert (matches.verdicts[:, :2] == (matches.frames[:, :2] == 1)).all()


def test_without_ground_truth_the_prediction_places_the_points(draw, folder, config, checkpoints):
    write_folder_config(config, folder, None)
    pictures = draw(config, checkpoints[0], '--frame', 2)
    assert list(pictures) == ['still/9_heat.png', 'still/9_matches.png']
    # Neither right nor wrong: no line in one of these colours.
    frames = pictures['still/9_matches.png'][60:700].astype(int)
    for colour in (255 * VERDICT_COLOURS[[1, -1]]).round():
        assert (abs(frames - colour).max(2) < 8).sum() < 20


@pytest.mark.parametrize('arguments, message', [
    (['--video', 'dog'], 'no such video: dog; the test videos of the config are still'),
    (['--frame', 5], r'no frame 5 in the video still; its frames are 0\.\.4'),
    (['--frame', 4, 1], r'frame 1 of the video still has no memory.* given in frame 1; .* frames 2\.\.4'),
    (['--points', '50,3'], r'the point 50,3 lies outside of frame 3 of the video still, which is 50x40 .* 0\.\.49'),
    (['--cfg-options', 'model.test_cfg.mem_every=3', '--frame', 0], 'frame 0 .* has no memory'),
])
def test_bad_input_is_named(draw, folder, config, checkpoints, arguments, message):
    write_folder_config(config, folder, None)
    with pytest.raises(SystemExit, match=message):
        draw(config, checkpoints[0], *arguments)
    assert not (folder / 'out').exists()


def test_a_missing_checkpoint_is_named(draw, config):
    with pytest.raises(SystemExit, match='error: no such checkpoint: nothing.pth'):
        draw(config, 'nothing.pth')


@pytest.mark.parametrize('arguments, message', [
    (['--points', '3'], "'3' is not a pixel; write x,y"),
    (['--memory-frames', 0], '--memory-frames is 0; it must be in 1..12'),
    (['--labels', 'one', 'two'], '1 checkpoints have the labels one, two'),
])
def test_bad_arguments_are_named(draw, config, checkpoints, capsys, arguments, message):
    with pytest.raises(SystemExit):
        draw(config, checkpoints[0], *arguments)
    assert message in capsys.readouterr().err


def test_a_model_that_does_not_match(draw, tmp_path, checkpoints):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    with pytest.raises(SystemExit, match='has a ToyModel, which does not match pixels'):
        draw(config, checkpoints[0])
    with pytest.raises(SystemExit, match='has a CopyFirstMask, which does not match pixels'):
        draw('baselines/copy-first-mask_synthetic.py', checkpoints[0])
