// Regular expressions by Oniguruma, which is loaded by name when the first pattern needs it: only
// tokenizers with patterns of their own do, and nothing is needed to build.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A compiled pattern; any number of threads may search with it at once.
typedef struct swiftlet_onig swiftlet_onig;

// The library's words for a failure.
typedef struct {
    char text[128];
} swiftlet_onig_message;

// Whether the library is there; it is loaded if it was not.
bool swiftlet_onig_is_there(void);

// Compiles a pattern in UTF-8, in Oniguruma's own syntax without options. Returns NULL and says why
// if the library refuses it, or is not there.
swiftlet_onig *swiftlet_onig_create(const uint8_t *pattern, size_t count,
                                    swiftlet_onig_message *message);
void swiftlet_onig_destroy(swiftlet_onig *regex);

// One text being searched, by one thread at a time.
typedef struct swiftlet_onig_search swiftlet_onig_search;

// Begins to search `count` bytes, at most INT_MAX, of UTF-8, which stay where they are. Returns NULL
// where memory runs out.
swiftlet_onig_search *swiftlet_onig_begin(const swiftlet_onig *regex, const uint8_t *text,
                                          size_t count);
void swiftlet_onig_end(swiftlet_onig_search *search);

// Looks for the first match that begins at `from` or later: 1 with its place, 0 if there is none, -1
// with the reason if the library gives up, because it tried too often or too much waits to be tried.
int swiftlet_onig_next(swiftlet_onig_search *search, size_t from, size_t *start, size_t *end,
                       swiftlet_onig_message *message);
