from .clip_memory import ClipMemory
from .stream_memory import StreamMemory

__all__ = ['ClipMemory', 'StreamMemory']
