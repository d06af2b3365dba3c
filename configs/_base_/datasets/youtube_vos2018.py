# YouTube-VOS 2018: the valid split of the year before, on the same training videos.
_base_ = './youtube_vos2019.py'

val_dataloader = dict(dataset=dict(data_root='data/YouTubeVOS2018'))
test_dataloader = val_dataloader
