// For pthread_once.
#define _POSIX_C_SOURCE 200809L
#include "swiftlet_onig.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The part of Oniguruma's binary interface that is used, that of libonig.so.5.
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

// How often a match may try again is the library's own limit and that of Hugging Face's tokenizers;
// over all places of one search it is unlimited there. Here it ends after some seconds.
static const unsigned long MOST_RETRIES_IN_MATCH = 10000000;
static const unsigned long MOST_RETRIES_IN_SEARCH = 200000000;
// How much may wait to be tried: about a gigabyte.
static const unsigned MOST_WAITING = 1 << 24;

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
    int (*set_waiting)(onig_param *, unsigned);
    int (*describe)(uint8_t *, int, ...);
} onig;
static onig_encoding *utf8;
static onig_syntax *syntax;
static bool is_there;
// The library compiles one pattern at a time.
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

static void *open_library(void) {
    static const char *const names[] = {
#if defined(__APPLE__)
        "libonig.5.dylib", "/opt/homebrew/lib/libonig.5.dylib", "/usr/local/lib/libonig.5.dylib",
#else
        "libonig.so.5",
#endif
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
    }
    return NULL;
}

static void load(void) {
    void *library = open_library();
    if (!library) return;
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"onig_initialize", &onig.initialize},
        {"onig_new", &onig.create},
        {"onig_free", &onig.destroy},
        {"onig_search_with_param", &onig.search},
        {"onig_region_new", &onig.create_region},
        {"onig_region_free", &onig.destroy_region},
        {"onig_new_match_param", &onig.create_param},
        {"onig_free_match_param", &onig.destroy_param},
        {"onig_set_retry_limit_in_match_of_match_param", &onig.set_retries_in_match},
        {"onig_set_retry_limit_in_search_of_match_param", &onig.set_retries_in_search},
        {"onig_set_match_stack_limit_size_of_match_param", &onig.set_waiting},
        {"onig_error_code_to_str", &onig.describe},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol) return;
        // POSIX vouches that a function's address survives the way through an object pointer.
        memcpy(symbols[i].place, &symbol, sizeof symbol);
    }
    utf8 = dlsym(library, "OnigEncodingUTF8");
    onig_syntax **standard = dlsym(library, "OnigDefaultSyntax");
    if (!utf8 || !standard) return;
    syntax = *standard;
    is_there = onig.initialize(&utf8, 1) == 0;
}

bool swiftlet_onig_is_there(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return is_there;
}

static void describe(swiftlet_onig_message *message, int code, onig_error *error) {
    _Static_assert(LONGEST_MESSAGE < sizeof message->text, "a message has room");
    int length = onig.describe((uint8_t *)message->text, code, error);
    message->text[length > 0 && length <= LONGEST_MESSAGE ? length : 0] = 0;
}

swiftlet_onig *swiftlet_onig_create(const uint8_t *pattern, size_t count,
                                    swiftlet_onig_message *message) {
    if (!swiftlet_onig_is_there()) {
        snprintf(message->text, sizeof message->text, "libonig is not installed");
        return NULL;
    }
    swiftlet_onig *regex = malloc(sizeof *regex);
    if (!regex) {
        snprintf(message->text, sizeof message->text, "no memory");
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
        onig.set_retries_in_match(search->param, MOST_RETRIES_IN_MATCH);
        onig.set_retries_in_search(search->param, MOST_RETRIES_IN_SEARCH);
        onig.set_waiting(search->param, MOST_WAITING);
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
