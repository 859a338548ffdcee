"""The models of the main job: one small shape per family, with the family's own vocabulary."""

from dataclasses import dataclass

WIDTH, LAYERS, HEADS, CONTEXT = 256, 6, 4, 128
COMMON = {"use_cache": True, "tie_word_embeddings": True, "initializer_range": 0.02}


@dataclass(frozen=True)
class Family:
    config: dict
    tokenizer: str  # the folder in DATA/tokenizers
    opens: tuple = ()  # ids at the front of every text


def rms(model_type, architecture, vocabulary, **keys):
    """The shape that Llama and Qwen2 share."""
    return COMMON | {
        "model_type": model_type,
        "architectures": [architecture],
        "hidden_size": WIDTH,
        "intermediate_size": 688,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": 2,
        "max_position_embeddings": CONTEXT,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        "attention_dropout": 0.0,
        "vocab_size": vocabulary,
    } | keys


FAMILIES = {
    "gpt2": Family(
        COMMON
        | {
            "model_type": "gpt2",
            "architectures": ["GPT2LMHeadModel"],
            "activation_function": "gelu_new",
            "attn_pdrop": 0.0,
            "embd_pdrop": 0.0,
            "resid_pdrop": 0.0,
            "bos_token_id": 50256,
            "eos_token_id": 50256,
            "layer_norm_epsilon": 1e-05,
            "n_embd": WIDTH,
            "n_head": HEADS,
            "n_inner": None,
            "n_layer": LAYERS,
            "n_positions": CONTEXT,
            "scale_attn_by_inverse_layer_idx": False,
            "scale_attn_weights": True,
            "vocab_size": 50257,
        },
        "gpt2",
    ),
    "opt": Family(
        COMMON
        | {
            "model_type": "opt",
            "architectures": ["OPTForCausalLM"],
            "activation_function": "relu",
            "attention_dropout": 0.0,
            "dropout": 0.0,
            "bos_token_id": 2,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "do_layer_norm_before": True,
            "ffn_dim": 4 * WIDTH,
            "hidden_size": WIDTH,
            "word_embed_proj_dim": WIDTH,
            "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS,
            "max_position_embeddings": CONTEXT,
            "vocab_size": 50272,
        },
        "opt",
        opens=(2,),
    ),
    "pythia": Family(
        COMMON
        | {
            "model_type": "gpt_neox",
            "architectures": ["GPTNeoXForCausalLM"],
            "attention_dropout": 0.0,
            "hidden_dropout": 0.0,
            "bos_token_id": 0,
            "eos_token_id": 0,
            "hidden_act": "gelu",
            "hidden_size": WIDTH,
            "intermediate_size": 4 * WIDTH,
            "layer_norm_eps": 1e-05,
            "max_position_embeddings": CONTEXT,
            "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS,
            "rotary_emb_base": 10000,
            "rotary_pct": 0.25,
            "tie_word_embeddings": False,
            "use_parallel_residual": True,
            "vocab_size": 50304,
        },
        "pythia",
    ),
    "qwen2": Family(
        rms("qwen2", "Qwen2ForCausalLM", 151936, bos_token_id=151643, eos_token_id=151643), "qwen2"
    ),
    "llama": Family(
        rms("llama", "LlamaForCausalLM", 32000, bos_token_id=1, eos_token_id=2), "llama2", opens=(1,)
    ),
}
