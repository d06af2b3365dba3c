"""Checkpoints of the official code of STCN, VOS-Correspondence and XMem, to ours and back."""
