"""`python -m tests.sharding_on_cpu`: the trainer's own process with FSDP on CPUs, which accelerate keeps for GPUs.

torch shards on CPUs as well; only accelerate's list of devices for which it takes FSDP up stands in the way. Everything
else is the real thing: the recipe's configuration, wrapping, sharding, gathering, saving, going on from a checkpoint.
"""

import runpy
from typing import Any

from accelerate import Accelerator, accelerator
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from torch.distributed.tensor import DTensor
from torch.nn import Module

_begin = AcceleratorState.__init__
_shard = accelerator.fsdp2_prepare_model


def _sharded(self: AcceleratorState, *given: Any, fsdp_plugin: Any = None, **named: Any) -> None:
    _begin(self, *given, fsdp_plugin=fsdp_plugin, **named)
    if fsdp_plugin is not None and self.distributed_type is DistributedType.MULTI_CPU:
        self.distributed_type = PartialState._shared_state["distributed_type"] = DistributedType.FSDP
        self.fsdp_plugin = fsdp_plugin


def _noted(whole: Accelerator, model: Module) -> Module:
    prepared = _shard(whole, model)
    shards = {weight.device_mesh.size() for weight in prepared.parameters() if isinstance(weight, DTensor)}
    print(f"1 of {shards.pop()} shards", flush=True)
    return prepared


if __name__ == "__main__":
    AcceleratorState.__init__ = _sharded  # type: ignore[method-assign]  # for this process alone
    accelerator.fsdp2_prepare_model = _noted
    runpy.run_module("core.training.qlora", run_name="__main__")
