#!/usr/bin/env python3
"""Makes a folder for transformers of a Llama in a GGUF file, with the values that the gguf package makes of its blocks.

  reference.py MODEL.gguf FOLDER

Nothing of Swiftlet is used: names, configuration and the order of rows are written here by hand.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.torch import save_file

NAMES = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def value(reader, key):
    return reader.fields[key].contents()


def main():
    source, folder = sys.argv[1], Path(sys.argv[2])
    reader = GGUFReader(source)
    assert value(reader, "general.architecture") == "llama"
    heads = value(reader, "llama.attention.head_count")
    shared = value(reader, "llama.attention.head_count_kv")
    tensors = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape(tuple(int(n) for n in reversed(tensor.shape)))
        parts = tensor.name.split(".")
        if parts[0] != "blk":
            tensors[f"{OUTER[parts[0]]}.{parts[1]}"] = torch.from_numpy(np.array(values))
            continue
        if parts[2] in ("attn_q", "attn_k"):
            count = heads if parts[2] == "attn_q" else shared
            shape = values.shape
            values = values.reshape(count, shape[0] // count // 2, 2, *shape[1:]).swapaxes(1, 2).reshape(shape)
        name = f"model.layers.{parts[1]}.{NAMES[parts[2]]}.{parts[3]}"
        tensors[name] = torch.from_numpy(np.ascontiguousarray(values))
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
        "vocab_size": value(reader, "llama.vocab_size"), "hidden_size": value(reader, "llama.embedding_length"),
        "intermediate_size": value(reader, "llama.feed_forward_length"),
        "num_hidden_layers": value(reader, "llama.block_count"), "num_attention_heads": heads,
        "num_key_value_heads": shared, "hidden_act": "silu",
        "max_position_embeddings": value(reader, "llama.context_length"),
        "rms_norm_eps": float(f'{value(reader, "llama.attention.layer_norm_rms_epsilon"):.6g}'),
        "rope_theta": value(reader, "llama.rope.freq_base"),
        "tie_word_embeddings": "lm_head.weight" not in tensors,
        "bos_token_id": value(reader, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": value(reader, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": value(reader, "tokenizer.ggml.padding_token_id"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    print(f"{folder}: {len(tensors)} tensors of {Path(source).name}")


if __name__ == "__main__":
    main()
