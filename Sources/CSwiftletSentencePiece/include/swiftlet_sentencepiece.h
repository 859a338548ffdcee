// A C interface to libsentencepiece. No function throws.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swiftlet_sentencepiece swiftlet_sentencepiece;

// Creates a model from the bytes of a model file, which need not outlive the call. Returns NULL if the
// library refuses them; `message` then has its reason, in at most `capacity` bytes including the final
// zero.
swiftlet_sentencepiece *swiftlet_sentencepiece_open(const uint8_t *bytes, size_t count, char *message,
                                                    size_t capacity);

void swiftlet_sentencepiece_close(swiftlet_sentencepiece *model);

// Calls `body` with the id of each piece of a text and the number of bytes that it covers. Several threads
// may encode with one model. Returns 0, or -1 if the library failed; `body` was then not called.
int swiftlet_sentencepiece_encode(const swiftlet_sentencepiece *model, const uint8_t *text,
                                  size_t count, void *context,
                                  void (*body)(void *context, int32_t id, size_t length));

#ifdef __cplusplus
}
#endif
