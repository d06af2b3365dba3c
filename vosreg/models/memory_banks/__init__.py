from .clip_memory import ClipMemory
from .long_term_memory import LongTermMemory
from .stream_memory import StreamMemory

__all__ = ['ClipMemory', 'LongTermMemory', 'StreamMemory']
