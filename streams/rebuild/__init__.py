"""`./inv rebuild`: the whole log folded again beside the running system, then one step to switch.

Plain consumers and processes, no Faust: nothing here takes part in the running system's group.
"""
