# YouTube-VOS 2018 tested with all frames of valid, as official STCN and XMem test; results are still wanted for every
# fifth frame.
_base_ = './youtube_vos2018.py'

val_dataloader = dict(dataset=dict(all_frames='data/YouTubeVOS2018/valid_all_frames/JPEGImages'))
test_dataloader = val_dataloader
