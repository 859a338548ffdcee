// SentencePiece's models through libsentencepiece. No function throws.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swiftlet_sentencepiece swiftlet_sentencepiece;

// Makes a model of the bytes of a model file, which need not outlive the call. NULL if the library
// refuses them; its reason is then in `message`, of at most `capacity` bytes with the closing zero.
swiftlet_sentencepiece *swiftlet_sentencepiece_open(const uint8_t *bytes, size_t count, char *message,
                                                    size_t capacity);

void swiftlet_sentencepiece_close(swiftlet_sentencepiece *model);

// Calls `body` with the id of each piece of a text and the number of its bytes. Any number of threads
// may encode with one model. Returns 0, or -1 if the library failed, and `body` was then not called.
int swiftlet_sentencepiece_encode(const swiftlet_sentencepiece *model, const uint8_t *text,
                                  size_t count, void *context,
                                  void (*body)(void *context, int32_t id, size_t length));

#ifdef __cplusplus
}
#endif
