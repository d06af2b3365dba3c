from .frame_gap_curriculum_hook import FrameGapCurriculumHook, MaxSkipSchedule
from .iteration_seed_hook import IterationSeedHook
from .logger_hook import LoggerHook
from .result_visualization_hook import ResultVisualizationHook
from .save_scores_hook import SaveScoresHook
from .versions_hook import VersionsHook

__all__ = [
    'FrameGapCurriculumHook', 'IterationSeedHook', 'LoggerHook', 'MaxSkipSchedule', 'ResultVisualizationHook',
    'SaveScoresHook', 'VersionsHook'
]
