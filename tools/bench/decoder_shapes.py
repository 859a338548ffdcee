"""The models of decoders.py, at the shapes that the Hub's have, and what their shapes cost."""

import json
import math
import shutil
import struct

from process import run

GPT2 = dict(
    model_type="gpt2", architectures=["GPT2LMHeadModel"], vocab_size=50257, n_positions=1024, n_ctx=1024,
    layer_norm_epsilon=1e-5, activation_function="gelu_new", bos_token_id=50256, eos_token_id=50256)
LLAMA = dict(
    model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=32000, hidden_act="silu",
    rope_theta=10000.0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)

# name: (configuration, folder of the vocabulary)
MODELS = {
    "gpt2": (dict(GPT2, n_embd=768, n_layer=12, n_head=12), "gpt2"),
    "gpt2-large": (dict(GPT2, n_embd=1280, n_layer=36, n_head=20), "gpt2"),
    "opt-1.3b": (
        dict(
            model_type="opt", architectures=["OPTForCausalLM"], vocab_size=50272, hidden_size=2048, ffn_dim=8192,
            num_hidden_layers=24, num_attention_heads=32, word_embed_proj_dim=2048, max_position_embeddings=2048,
            do_layer_norm_before=True, activation_function="relu", bos_token_id=2, eos_token_id=2, pad_token_id=1),
        "opt"),
    "pythia-1.4b": (
        dict(
            model_type="gpt_neox", architectures=["GPTNeoXForCausalLM"], vocab_size=50304, hidden_size=2048,
            intermediate_size=8192, num_hidden_layers=24, num_attention_heads=16, max_position_embeddings=2048,
            rotary_pct=0.25, rotary_emb_base=10000, use_parallel_residual=True, layer_norm_eps=1e-5,
            hidden_act="gelu", bos_token_id=0, eos_token_id=0, tie_word_embeddings=False),
        "pythia"),
    "llama-1.1b": (
        dict(
            LLAMA, hidden_size=2048, intermediate_size=5632, num_hidden_layers=22, num_attention_heads=32,
            num_key_value_heads=4, max_position_embeddings=2048, rms_norm_eps=1e-5),
        "llama2"),
    "llama-2-7b": (
        dict(
            LLAMA, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
            num_key_value_heads=32, max_position_embeddings=4096, rms_norm_eps=1e-5),
        "llama2"),
}
POSITIONS = ("wpe.weight", "embed_positions.weight")
EMBEDDINGS = ("wte.weight", "embed_tokens.weight", "embed_in.weight")
HEADS = ("lm_head.weight", "embed_out.weight")


class Model:
    """A checkpoint of random weights in bf16, and what it costs."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder / name
        self.config, self.vocabulary = MODELS[name]

    @property
    def weights(self):
        return self.folder / "model.safetensors"

    def make(self, swiftlet, tokenizers):
        """The checkpoint, unless it is there, and the tokenizer's files, which llama.cpp's converter wants."""
        if not self.weights.exists():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            config = self.folder.parent / f"{self.name}.json"
            config.write_text(json.dumps(self.config))
            run([swiftlet, "init", config, self.folder, "--dtype", "bf16", "--max-shard-size", "100GB", "--quiet"])
            config.unlink()
        if tokenizers:
            for path in (tokenizers / self.vocabulary).iterdir():
                shutil.copyfile(path, self.folder / path.name)

    def warm(self, path=None):
        """Reads a file, so that it is in the page cache if there is room."""
        with open(path or self.weights, "rb", buffering=0) as file:
            while file.read(1 << 24):
                pass

    def shapes(self):
        with open(self.weights, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        return {name: tensor["shape"] for name, tensor in header.items() if name != "__metadata__"}

    def read_for_a_token(self):
        """(values in matrices, other values) that a new token's computation reads: all but the tables that
        it takes a row of."""
        shapes = self.shapes()
        untied = any(name.endswith(HEADS) for name in shapes)
        matrices = others = 0
        for name, shape in shapes.items():
            if name.endswith(POSITIONS) or untied and name.endswith(EMBEDDINGS):
                continue
            if len(shape) == 2:
                matrices += math.prod(shape)
            else:
                others += math.prod(shape)
        return matrices, others

    def size(self, bytes_a_value):
        """Bytes of a model's weights that a new token's computation reads; what is no matrix stays in two."""
        matrices, others = self.read_for_a_token()
        return matrices * bytes_a_value + others * 2

    def parameters(self):
        return sum(math.prod(shape) for shape in self.shapes().values())

    def operations(self, prompt):
        """Floating-point operations of a prompt: two a value of a matrix and token (the head for one token only),
        and of attention the half below the diagonal."""
        config = self.config
        width = config.get("hidden_size") or config["n_embd"]
        layers = config.get("num_hidden_layers") or config["n_layer"]
        head = width * config["vocab_size"]
        body = self.read_for_a_token()[0] - head
        return 2 * (body * prompt + head) + 2 * layers * width * prompt * prompt
