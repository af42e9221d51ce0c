"""Modules that are loaded while a process waits for something else."""

import threading
from importlib import import_module


def load_meanwhile(name: str) -> None:
    """Begin to import a module in a thread; whoever imports it afterwards waits for what is left of that.

    A module that cannot be imported fails where it is needed, not here.

    Parameters
    ----------
    name : str
        Its full name.
    """

    def load() -> None:
        try:
            import_module(name)
        except ImportError:
            return

    threading.Thread(target=load, daemon=True).start()
