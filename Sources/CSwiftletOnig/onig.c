// For pthread_mutex_lock.
#define _POSIX_C_SOURCE 200809L
#include "swiftlet_onig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "swiftlet_loader.h"

// The part of Oniguruma's binary interface (libonig.so.5) that is used.
typedef struct onig_regex onig_regex;
typedef struct onig_encoding onig_encoding;
typedef struct onig_syntax onig_syntax;
typedef struct onig_param onig_param;
typedef struct {
    int allocated, count;
    int *starts, *ends;
    void *history;
} onig_region;
typedef struct {
    onig_encoding *encoding;
    uint8_t *part, *part_end;
} onig_error;

enum {
    LONGEST_MESSAGE = 90,  // ONIG_MAX_ERROR_MESSAGE_LEN
    NO_OPTION = 0,
    NO_MATCH = -1,
};

// Backtracking in one match has the library's default limit, which Hugging Face's tokenizers keep.
// Over all positions of one search theirs is unlimited; here a search ends after some seconds.
static const unsigned long RETRY_LIMIT_IN_MATCH = 10000000;
static const unsigned long RETRY_LIMIT_IN_SEARCH = 200000000;
// Entries of the backtracking stack: about a gigabyte.
static const unsigned STACK_LIMIT = 1 << 24;

static struct {
    int (*initialize)(onig_encoding **, int);
    int (*create)(onig_regex **, const uint8_t *, const uint8_t *, unsigned, onig_encoding *,
                  onig_syntax *, onig_error *);
    void (*destroy)(onig_regex *);
    int (*search)(onig_regex *, const uint8_t *, const uint8_t *, const uint8_t *, const uint8_t *,
                  onig_region *, unsigned, onig_param *);
    onig_region *(*create_region)(void);
    void (*destroy_region)(onig_region *, int);
    onig_param *(*create_param)(void);
    void (*destroy_param)(onig_param *);
    int (*set_retries_in_match)(onig_param *, unsigned long);
    int (*set_retries_in_search)(onig_param *, unsigned long);
    int (*set_stack_limit)(onig_param *, unsigned);
    int (*describe)(uint8_t *, int, ...);
} onig;
static onig_encoding *utf8;
static onig_syntax **default_syntax, *syntax;
// The library can compile only one pattern at a time.
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

struct swiftlet_onig {
    onig_regex *regex;
};

struct swiftlet_onig_search {
    onig_regex *regex;
    const uint8_t *text;
    size_t count;
    onig_region *region;
    onig_param *param;
};

static const swiftlet_symbol symbols[] = {
    {.name = "onig_initialize", .place = &onig.initialize},
    {.name = "onig_new", .place = &onig.create},
    {.name = "onig_free", .place = &onig.destroy},
    {.name = "onig_search_with_param", .place = &onig.search},
    {.name = "onig_region_new", .place = &onig.create_region},
    {.name = "onig_region_free", .place = &onig.destroy_region},
    {.name = "onig_new_match_param", .place = &onig.create_param},
    {.name = "onig_free_match_param", .place = &onig.destroy_param},
    {.name = "onig_set_retry_limit_in_match_of_match_param", .place = &onig.set_retries_in_match},
    {.name = "onig_set_retry_limit_in_search_of_match_param", .place = &onig.set_retries_in_search},
    {.name = "onig_set_match_stack_limit_size_of_match_param", .place = &onig.set_stack_limit},
    {.name = "onig_error_code_to_str", .place = &onig.describe},
    {.name = "OnigEncodingUTF8", .place = &utf8},
    {.name = "OnigDefaultSyntax", .place = &default_syntax},
};

static bool start(swiftlet_load_failure *failure) {
    if (onig.initialize(&utf8, 1) != 0)
        return swiftlet_load_fail(failure, "libonig does not start");
    syntax = *default_syntax;
    return true;
}

static bool load(swiftlet_load_failure *failure) {
    static swiftlet_library library = {
        .name = SWIFTLET_LIBONIG,
        .symbols = symbols,
        .symbol_count = sizeof symbols / sizeof *symbols,
        .start = start,
    };
    return swiftlet_library_load(&library, failure);
}

bool swiftlet_onig_is_there(void) {
    swiftlet_load_failure ignored;
    return load(&ignored);
}

static void describe(swiftlet_onig_message *message, int code, onig_error *error) {
    _Static_assert(LONGEST_MESSAGE < sizeof message->text, "a message has room");
    int length = onig.describe((uint8_t *)message->text, code, error);
    message->text[length > 0 && length <= LONGEST_MESSAGE ? length : 0] = 0;
}

swiftlet_onig *swiftlet_onig_create(const uint8_t *pattern, size_t count,
                                    swiftlet_onig_message *message) {
    swiftlet_load_failure failure;
    if (!load(&failure)) {
        snprintf(message->text, sizeof message->text, "%s", failure.text);
        return NULL;
    }
    swiftlet_onig *regex = malloc(sizeof *regex);
    if (!regex) {
        snprintf(message->text, sizeof message->text, "out of memory");
        return NULL;
    }
    onig_error error = {0};
    pthread_mutex_lock(&compiling);
    int code = onig.create(&regex->regex, pattern, pattern + count, NO_OPTION, utf8, syntax, &error);
    if (code != 0) describe(message, code, &error);
    pthread_mutex_unlock(&compiling);
    if (code == 0) return regex;
    free(regex);
    return NULL;
}

void swiftlet_onig_destroy(swiftlet_onig *regex) {
    onig.destroy(regex->regex);
    free(regex);
}

swiftlet_onig_search *swiftlet_onig_begin(const swiftlet_onig *regex, const uint8_t *text,
                                          size_t count) {
    swiftlet_onig_search *search = malloc(sizeof *search);
    if (!search) return NULL;
    *search = (swiftlet_onig_search){.regex = regex->regex,
                                     .text = text,
                                     .count = count,
                                     .region = onig.create_region(),
                                     .param = onig.create_param()};
    if (search->region && search->param) {
        onig.set_retries_in_match(search->param, RETRY_LIMIT_IN_MATCH);
        onig.set_retries_in_search(search->param, RETRY_LIMIT_IN_SEARCH);
        onig.set_stack_limit(search->param, STACK_LIMIT);
        return search;
    }
    swiftlet_onig_end(search);
    return NULL;
}

void swiftlet_onig_end(swiftlet_onig_search *search) {
    if (search->region) onig.destroy_region(search->region, 1);
    if (search->param) onig.destroy_param(search->param);
    free(search);
}

int swiftlet_onig_next(swiftlet_onig_search *search, size_t from, size_t *start, size_t *end,
                       swiftlet_onig_message *message) {
    const uint8_t *text_end = search->text + search->count;
    int found = onig.search(search->regex, search->text, text_end, search->text + from, text_end,
                            search->region, NO_OPTION, search->param);
    if (found == NO_MATCH) return 0;
    if (found < 0) {
        describe(message, found, NULL);
        return -1;
    }
    *start = (size_t)search->region->starts[0];
    *end = (size_t)search->region->ends[0];
    return 1;
}
