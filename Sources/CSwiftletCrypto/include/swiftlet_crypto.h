// SHA-1 and SHA-256 through OpenSSL's libcrypto, which is opened by name when a download begins.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "swiftlet_loader.h"

typedef enum {
    SWIFTLET_SHA1,    // 20 bytes
    SWIFTLET_SHA256,  // 32 bytes
} swiftlet_digest_kind;

enum { SWIFTLET_LONGEST_DIGEST = 32 };

// A hash of bytes that arrive one piece after another. Used by one thread at a time.
typedef struct swiftlet_digest swiftlet_digest;

// Opens libcrypto unless it is open; must have returned true before any other call. Any thread may
// call it.
bool swiftlet_crypto_load(swiftlet_load_failure *failure);

// The hash of no bytes yet, or NULL if memory runs out or libcrypto refuses this kind, as builds
// with restricted algorithms may.
swiftlet_digest *swiftlet_digest_create(swiftlet_digest_kind kind);
void swiftlet_digest_destroy(swiftlet_digest *digest);

// Appends bytes. Returns false if libcrypto fails.
bool swiftlet_digest_update(swiftlet_digest *digest, const void *bytes, size_t count);

// Writes the hash of all bytes so far, SWIFTLET_LONGEST_DIGEST bytes at most; more may follow.
// Returns its length, 0 if libcrypto fails.
size_t swiftlet_digest_value(const swiftlet_digest *digest, uint8_t *value);
