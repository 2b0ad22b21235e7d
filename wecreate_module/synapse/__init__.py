"""WeCreate in Synapse: `module: wecreate_module.synapse.WeCreateModule`."""

from wecreate_module.synapse.module import WeCreateModule

__all__ = ["WeCreateModule"]
