// For signal masks.
#define _POSIX_C_SOURCE 200809L
#include "swiftlet_curl.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

// The part of libcurl's binary interface that is used. Its numbers never change within version 4
// of the library (curl/docs/libcurl/ABI.md).
typedef struct curl_list curl_list;
typedef int (*setopt_function)(void *, int, ...);

enum {
    OPTION_WRITE_DATA = 10001,
    OPTION_URL = 10002,
    OPTION_PROXY = 10004,
    OPTION_ERROR_BUFFER = 10010,
    OPTION_USER_AGENT = 10018,
    OPTION_HEADERS = 10023,
    OPTION_HEADER_DATA = 10029,
    OPTION_PROGRESS_DATA = 10057,
    OPTION_CERTIFICATES = 10065,
    OPTION_PROTOCOLS_TEXT = 10318,  // since 7.85
    OPTION_WRITE_FUNCTION = 20011,
    OPTION_HEADER_FUNCTION = 20079,
    OPTION_PROGRESS_FUNCTION = 20219,
    OPTION_STALL_RATE = 19,
    OPTION_STALL_SECONDS = 20,
    OPTION_NO_PROGRESS = 43,
    OPTION_FOLLOW = 52,
    OPTION_GET = 80,
    OPTION_NO_SIGNAL = 99,
    OPTION_CONNECT_MILLISECONDS = 156,
    OPTION_PROTOCOLS = 181,
    OPTION_KEEP_ALIVE = 213,
    OPTION_HIDE_PROXY_HEADERS = 265,

    PROTOCOLS_HTTP_AND_HTTPS = 3,

    GLOBAL_DEFAULT = 3,

    CODE_OK = 0,
    CODE_UNSUPPORTED_PROTOCOL = 1,
    CODE_FAILED_INIT = 2,
    CODE_BAD_URL = 3,
    CODE_NOT_BUILT_IN = 4,
    CODE_WRITE_ERROR = 23,
    CODE_OUT_OF_MEMORY = 27,
    CODE_ABORTED_BY_CALLBACK = 42,
    CODE_BAD_FUNCTION_ARGUMENT = 43,
    CODE_UNKNOWN_OPTION = 48,
    CODE_CERTIFICATE = 60,
    CODE_CERTIFICATE_FILE = 77,
};

static struct {
    int (*global_init)(long);
    void *(*init)(void);
    void (*cleanup)(void *);
    void (*reset)(void *);
    int (*perform)(void *);
    setopt_function setopt;
    const char *(*strerror)(int);
    curl_list *(*append)(curl_list *, const char *);
    void (*free_list)(curl_list *);
} curl;

static const swiftlet_symbol symbols[] = {
    {.name = "curl_global_init", .place = &curl.global_init},
    {.name = "curl_easy_init", .place = &curl.init},
    {.name = "curl_easy_cleanup", .place = &curl.cleanup},
    {.name = "curl_easy_reset", .place = &curl.reset},
    {.name = "curl_easy_perform", .place = &curl.perform},
    {.name = "curl_easy_setopt", .place = &curl.setopt},
    {.name = "curl_easy_strerror", .place = &curl.strerror},
    {.name = "curl_slist_append", .place = &curl.append},
    {.name = "curl_slist_free_all", .place = &curl.free_list},
};

static bool start(swiftlet_load_failure *failure) {
    const int code = curl.global_init(GLOBAL_DEFAULT);
    if (code == CODE_OK) return true;
    return swiftlet_load_fail(failure, "libcurl does not start: %s", curl.strerror(code));
}

bool swiftlet_curl_load(swiftlet_load_failure *failure) {
    static swiftlet_library library = {
        .name = SWIFTLET_LIBCURL,
        .symbols = symbols,
        .symbol_count = sizeof symbols / sizeof *symbols,
        .start = start,
    };
    return swiftlet_library_load(&library, failure);
}

swiftlet_curl *swiftlet_curl_create(void) { return curl.init(); }

void swiftlet_curl_destroy(swiftlet_curl *handle) { curl.cleanup(handle); }

// A callback stops the transfer by returning a count other than the one it was given.
static size_t on_header(const char *bytes, size_t size, size_t count, void *data) {
    const swiftlet_curl_request *request = data;
    bool more = request->on_header(request->context, (const uint8_t *)bytes, size * count);
    return more ? size * count : size * count + 1;
}

static size_t on_body(const char *bytes, size_t size, size_t count, void *data) {
    const swiftlet_curl_request *request = data;
    bool more = request->on_body(request->context, (const uint8_t *)bytes, size * count);
    return more ? size * count : size * count + 1;
}

static int on_tick(void *data, int64_t a, int64_t b, int64_t c, int64_t d) {
    (void)a, (void)b, (void)c, (void)d;
    const swiftlet_curl_request *request = data;
    return request->on_tick(request->context) ? 0 : 1;
}

static int outcome(int code) {
    switch (code) {
    case CODE_OK: return SWIFTLET_CURL_DONE;
    case CODE_WRITE_ERROR:
    case CODE_ABORTED_BY_CALLBACK: return SWIFTLET_CURL_STOPPED;
    case CODE_CERTIFICATE:
    case CODE_CERTIFICATE_FILE: return SWIFTLET_CURL_CERTIFICATE;
    case CODE_UNSUPPORTED_PROTOCOL:
    case CODE_FAILED_INIT:
    case CODE_BAD_URL:
    case CODE_NOT_BUILT_IN:
    case CODE_OUT_OF_MEMORY:
    case CODE_BAD_FUNCTION_ARGUMENT:
    case CODE_UNKNOWN_OPTION: return SWIFTLET_CURL_MISUSE;
    default: return SWIFTLET_CURL_CONNECTION;
    }
}

// Sets all options of a request; returns the code of the first one that libcurl refuses.
static int set_options(
    void *handle, const swiftlet_curl_request *request, curl_list *headers, char *message) {
    int code = CODE_OK;
#define SET(option, value) \
    if (code == CODE_OK) code = curl.setopt(handle, option, value)
    SET(OPTION_ERROR_BUFFER, message);
    SET(OPTION_URL, request->url);
    SET(OPTION_GET, 1L);
    SET(OPTION_FOLLOW, 0L);
    // No signals: the resolver's alarm is not safe in a program with threads.
    SET(OPTION_NO_SIGNAL, 1L);
    SET(OPTION_HEADERS, headers);
    SET(OPTION_USER_AGENT, request->user_agent);
    if (request->proxy) SET(OPTION_PROXY, request->proxy);
    if (request->certificates) SET(OPTION_CERTIFICATES, request->certificates);
    SET(OPTION_CONNECT_MILLISECONDS, request->connect_milliseconds);
    SET(OPTION_STALL_SECONDS, request->stall_seconds);
    SET(OPTION_STALL_RATE, request->stall_rate);
    SET(OPTION_KEEP_ALIVE, 1L);
    SET(OPTION_HIDE_PROXY_HEADERS, 1L);
    SET(OPTION_HEADER_FUNCTION, on_header);
    SET(OPTION_HEADER_DATA, request);
    SET(OPTION_WRITE_FUNCTION, on_body);
    SET(OPTION_WRITE_DATA, request);
    SET(OPTION_NO_PROGRESS, 0L);
    SET(OPTION_PROGRESS_FUNCTION, on_tick);
    SET(OPTION_PROGRESS_DATA, request);
    if (code != CODE_OK) return code;
    // Nothing but HTTP. A libcurl that does not know the new option knows the old one.
    code = curl.setopt(handle, OPTION_PROTOCOLS_TEXT, "http,https");
    if (code == CODE_OK) return code;
    return curl.setopt(handle, OPTION_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
#undef SET
}

// A TLS library may write to a connection that the other side has closed, and SIGPIPE would then
// end the program. The signal is blocked for the duration of the request and discarded if it came.
static int perform(void *handle) {
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const int code = curl.perform(handle);
    sigpending(&pending);
    if (!was_pending && sigismember(&pending, SIGPIPE) == 1) {
        int taken;
        sigwait(&pipe, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

swiftlet_curl_result swiftlet_curl_get(
    swiftlet_curl *handle, const swiftlet_curl_request *request) {
    swiftlet_curl_result result = {SWIFTLET_CURL_MISUSE, "out of memory"};
    curl_list *headers = NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        curl_list *longer = curl.append(headers, request->headers[i]);
        if (!longer) {
            curl.free_list(headers);
            return result;
        }
        headers = longer;
    }
    result.message[0] = 0;
    int code = set_options(handle, request, headers, result.message);
    if (code == CODE_OK) code = perform(handle);
    // The handle must not keep what ends with this call: the buffer, the list, the callbacks.
    curl.reset(handle);
    curl.free_list(headers);
    result.outcome = outcome(code);
    if (code != CODE_OK && !result.message[0]) {
        strncpy(result.message, curl.strerror(code), sizeof result.message - 1);
    }
    return result;
}
