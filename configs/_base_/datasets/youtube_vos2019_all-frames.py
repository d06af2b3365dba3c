# YouTube-VOS 2019 tested with all frames of valid, as official STCN and XMem test; results are still wanted for every
# fifth frame.
_base_ = './youtube_vos2019.py'

val_dataloader = dict(dataset=dict(all_frames='data/YouTubeVOS2019/valid_all_frames/JPEGImages'))
test_dataloader = val_dataloader
