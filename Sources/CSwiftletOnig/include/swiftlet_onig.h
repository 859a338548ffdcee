// Regular expressions through Oniguruma, which is opened by name when the first pattern needs it:
// only tokenizers with unusual patterns do, and building needs no headers.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A compiled pattern. Any number of threads may search with it at once.
typedef struct swiftlet_onig swiftlet_onig;

// The library's description of a failure.
typedef struct {
    char text[128];
} swiftlet_onig_message;

// Whether the library can be used; opens it if it is not open.
bool swiftlet_onig_is_there(void);

// Compiles a UTF-8 pattern in Oniguruma's own syntax, without options. Returns NULL with a reason
// if the library refuses the pattern or cannot be used.
swiftlet_onig *swiftlet_onig_create(const uint8_t *pattern, size_t count,
                                    swiftlet_onig_message *message);
void swiftlet_onig_destroy(swiftlet_onig *regex);

// A search through one text, by one thread at a time.
typedef struct swiftlet_onig_search swiftlet_onig_search;

// Prepares to search `count` bytes, at most INT_MAX, of UTF-8, which must stay unchanged until
// swiftlet_onig_end. Returns NULL if memory runs out.
swiftlet_onig_search *swiftlet_onig_begin(const swiftlet_onig *regex, const uint8_t *text,
                                          size_t count);
void swiftlet_onig_end(swiftlet_onig_search *search);

// Finds the first match that begins at `from` or later. Returns 1 with its bounds, 0 if there is no
// match, -1 with a reason if the library gives up because backtracking exceeds its limits.
int swiftlet_onig_next(swiftlet_onig_search *search, size_t from, size_t *start, size_t *end,
                       swiftlet_onig_message *message);
