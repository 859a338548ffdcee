"""What training and scoring with PyTorch share: the model as it runs best on a CPU, and the data."""

import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from families import FAMILIES

IGNORED = -100


def set_up(threads):
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def load_model(folder):
    """float32, fused attention; the configuration has no dropout."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")


def load_tokenizer(folder):
    """The tokenizer of a folder, without what opens or closes a text."""
    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer = Tokenizer(
        models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def load_lines(path, folder, config, family):
    """The lines' ids: what opens a text, the text, EOS; cut at the end to the context."""
    tokenizer = load_tokenizer(Path(folder))
    with open(path, encoding="utf-8", newline="\n") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    opens, closes = list(FAMILIES[family].opens), [config.eos_token_id]
    longest = config.max_position_embeddings
    return [(opens + encoding.ids + closes)[:longest] for encoding in encodings]


def padded(lines):
    """(ids, targets) padded on the right to the longest line. No attention mask is needed: attention
    is causal, so that no token sees the padding after it, and padding is no target."""
    longest = max(len(line) for line in lines)
    ids = torch.zeros(len(lines), longest, dtype=torch.long)
    targets = torch.full((len(lines), longest), IGNORED)
    for row, line in enumerate(lines):
        ids[row, : len(line)] = torch.tensor(line)
        targets[row, : len(line) - 1] = torch.tensor(line[1:])
    return ids, targets


def losses_of(model, ids, targets, reduction):
    """Cross-entropy of the rows that have a target; the head is spared the others."""
    hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    chosen = targets != IGNORED
    logits = model.get_output_embeddings()(hidden[chosen])
    return cross_entropy(logits, targets[chosen], reduction=reduction)


def plain_loss_of(model, ids, targets):
    """The mean loss as transformers computes it: a head on every row, an attention mask."""
    labels = torch.cat([torch.full_like(ids[:, :1], IGNORED), targets[:, :-1]], dim=1)
    mask = torch.ones_like(ids)
    mask[:, 1:] = (labels[:, 1:] != IGNORED).long()
    return model(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False).loss
