"""transformers' side of decoders.py, in a process of its own; each prints JSON.

  decoder_transformers.py bench FOLDER DTYPE THREADS PROMPT NEW BEAMS REPEAT
  decoder_transformers.py logprobs FOLDER THREADS    ids as JSON on standard input; computed in float32"""

import json
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_grad_enabled(False)


def load(folder, dtype, threads):
    torch.set_num_threads(int(threads))
    return AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()


def bench(folder, dtype, threads, prompt, new, beams, repeat):
    start = time.perf_counter()
    model = load(folder, dtype, threads)
    loading = time.perf_counter() - start
    prompt, new, beams = int(prompt), int(new), int(beams)
    ids = torch.randint(3, model.config.vocab_size, (1, prompt), generator=torch.Generator().manual_seed(0))
    prefill, decode = [], []
    for _ in range(int(repeat)):
        start = time.perf_counter()
        out = model(ids, use_cache=True, logits_to_keep=1)
        middle = time.perf_counter()
        prefill.append(prompt / (middle - start))
        if beams > 1:  # less the prompt, which all beams share
            options = dict(do_sample=False, num_beams=beams, max_new_tokens=new, min_new_tokens=new)
            model.generate(ids, attention_mask=torch.ones_like(ids), pad_token_id=0, **options)
            decode.append(new / (time.perf_counter() - middle - (middle - start)))
            continue
        cache = out.past_key_values
        for _ in range(new):
            token = out.logits[:, -1:].argmax(-1)
            out = model(token, past_key_values=cache, use_cache=True)
        decode.append(new / (time.perf_counter() - middle))
    print(json.dumps({"load": loading, "prefill": prefill, "decode": decode}))


def logprobs(folder, threads):
    model = load(folder, "float32", threads)
    ids = torch.tensor([json.load(sys.stdin)])
    rows = model(ids).logits[0, :-1].log_softmax(-1)
    print(json.dumps(rows.gather(1, ids[0, 1:, None])[:, 0].tolist()))


if __name__ == "__main__":
    {"bench": bench, "logprobs": logprobs}[sys.argv[1]](*sys.argv[2:])
