// Prints log-probabilities that llama.cpp computes: logprobs MODEL.gguf < IDS
//
// Each line of stdin is a sequence of ids with spaces between them; the line of stdout that answers it has the natural
// logarithm of the probability of each id after the first, given those before it.

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

void errors_only(ggml_log_level level, const char *text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
}

double log_probability(const float *logits, int count, int id) {
    const double largest = *std::max_element(logits, logits + count);
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += std::exp(logits[i] - largest);
    return logits[id] - largest - std::log(sum);
}

// A cache in single precision and attention without fused kernels: what remains are the model's own products.
llama_context *make_context(llama_model *model, std::uint32_t length) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = length;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.n_threads = params.n_threads_batch = 2;
    return llama_init_from_model(model, params);
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s MODEL.gguf < IDS\n", arguments[0]);
        return 64;
    }
    llama_log_set(errors_only, nullptr);
    llama_backend_init();
    llama_model *model = llama_model_load_from_file(arguments[1], llama_model_default_params());
    if (model == nullptr) return 65;
    const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));

    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream numbers(line);
        std::vector<llama_token> ids;
        for (llama_token id; numbers >> id;) ids.push_back(id);
        if (ids.empty() || std::any_of(ids.begin(), ids.end(), [&](int id) { return id < 0 || id >= vocabulary; })) {
            std::fprintf(stderr, "no ids of the vocabulary: %s\n", line.c_str());
            return 65;
        }
        llama_context *context = make_context(model, static_cast<std::uint32_t>(ids.size()));
        if (context == nullptr) return 70;
        llama_batch batch = llama_batch_init(static_cast<std::int32_t>(ids.size()), 0, 1);
        batch.n_tokens = static_cast<std::int32_t>(ids.size());
        for (int i = 0; i < batch.n_tokens; ++i) {
            batch.token[i] = ids[i];
            batch.pos[i] = i;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = 1;
        }
        if (llama_decode(context, batch) != 0) return 70;
        for (int i = 0; i + 1 < batch.n_tokens; ++i) {
            const double value = log_probability(llama_get_logits_ith(context, i), vocabulary, ids[i + 1]);
            std::printf(i == 0 ? "%.9g" : " %.9g", value);
        }
        std::printf("\n");
        llama_batch_free(batch);
        llama_free(context);
    }
    llama_model_free(model);
}
