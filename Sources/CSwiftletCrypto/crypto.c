#include "swiftlet_crypto.h"

// The part of libcrypto's binary interface that is used; the same in versions 1.1 and 3. A digest
// is an EVP_MD_CTX.
typedef struct evp_kind evp_kind;
typedef struct evp_engine evp_engine;

static struct {
    swiftlet_digest *(*create)(void);
    void (*destroy)(swiftlet_digest *);
    const evp_kind *(*sha1)(void);
    const evp_kind *(*sha256)(void);
    int (*begin)(swiftlet_digest *, const evp_kind *, evp_engine *);
    int (*update)(swiftlet_digest *, const void *, size_t);
    int (*finish)(swiftlet_digest *, unsigned char *, unsigned *);
    int (*copy)(swiftlet_digest *, const swiftlet_digest *);
} evp;

static const swiftlet_symbol symbols[] = {
    {.name = "EVP_MD_CTX_new", .place = &evp.create},
    {.name = "EVP_MD_CTX_free", .place = &evp.destroy},
    {.name = "EVP_sha1", .place = &evp.sha1},
    {.name = "EVP_sha256", .place = &evp.sha256},
    {.name = "EVP_DigestInit_ex", .place = &evp.begin},
    {.name = "EVP_DigestUpdate", .place = &evp.update},
    {.name = "EVP_DigestFinal_ex", .place = &evp.finish},
    {.name = "EVP_MD_CTX_copy_ex", .place = &evp.copy},
};

bool swiftlet_crypto_load(swiftlet_load_failure *failure) {
    static swiftlet_library library = {
        .name = SWIFTLET_LIBCRYPTO,
        .symbols = symbols,
        .symbol_count = sizeof symbols / sizeof *symbols,
    };
    return swiftlet_library_load(&library, failure);
}

swiftlet_digest *swiftlet_digest_create(swiftlet_digest_kind kind) {
    swiftlet_digest *digest = evp.create();
    if (!digest) return NULL;
    const evp_kind *algorithm = kind == SWIFTLET_SHA1 ? evp.sha1() : evp.sha256();
    if (algorithm && evp.begin(digest, algorithm, NULL) == 1) return digest;
    evp.destroy(digest);
    return NULL;
}

void swiftlet_digest_destroy(swiftlet_digest *digest) { evp.destroy(digest); }

bool swiftlet_digest_update(swiftlet_digest *digest, const void *bytes, size_t count) {
    return evp.update(digest, bytes, count) == 1;
}

size_t swiftlet_digest_value(const swiftlet_digest *digest, uint8_t *value) {
    // Finishing ends a digest, so a copy is finished.
    swiftlet_digest *copy = evp.create();
    unsigned length = 0;
    if (copy && (evp.copy(copy, digest) != 1 || evp.finish(copy, value, &length) != 1)) length = 0;
    evp.destroy(copy);
    return length;
}
