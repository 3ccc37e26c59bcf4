"""Retention policies beside a training of Ultralytics, or of any loop.

    from policy_ultralytics import attach
    attach(model, policy="/home/you/policy.yaml", every=10)

Without the `policy` program it does nothing, and says so. Nothing that goes wrong in it stops a training; only a training
that has no place (`Refused`) does not start.
"""

from .callbacks import attach
from .guarding import Guard, guard
from .lock import Refused

__all__ = ["Guard", "Refused", "attach", "guard"]
__version__ = "0.1.0"
