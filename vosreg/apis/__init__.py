from .annotations import Annotations
from .frame_sources import open_frames
from .inferencer import VideoResult, VOSInferencer
from .model_loading import load_model
from .prompts import Boxes, Polygons
from .result_folder import ResultFolder
from .video_session import SegmentedFrame

__all__ = [
    'Annotations', 'Boxes', 'Polygons', 'ResultFolder', 'SegmentedFrame', 'VOSInferencer', 'VideoResult', 'load_model',
    'open_frames'
]
