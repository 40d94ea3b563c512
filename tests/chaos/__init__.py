"""`./inv chaos`: faults on the real pipeline, and the proof that its numbers stay exact."""
