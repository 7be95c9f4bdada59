"""Random LoRA adapters for the tiny Phi-3: each makes it write something else."""

from pathlib import Path


def build_adapter(base: Path, folder: Path, seed: int) -> Path:
    """Save an adapter as training does, before it is sealed."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    config = LoraConfig(r=4, lora_alpha=16, target_modules=["qkv_proj", "o_proj"], task_type="CAUSAL_LM")
    adapted = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), config)
    with torch.no_grad():
        for name, weights in adapted.named_parameters():
            if "lora_" in name:
                weights.normal_(0.0, 0.3)
    adapted.save_pretrained(folder)
    return folder
