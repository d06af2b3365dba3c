from .hierarchical_grouping import HierarchicalGrouping
from .proposal_files import frame_proposals, proposals_path, read_proposals, write_proposals

__all__ = ['HierarchicalGrouping', 'frame_proposals', 'proposals_path', 'read_proposals', 'write_proposals']
