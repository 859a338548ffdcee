// HTTP requests by libcurl, which is loaded by name when the first one is made: no other command
// pays for it and for the thirty libraries behind it, and nothing is needed to build.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An easy handle: one request at a time, its connections kept open for the next.
typedef struct swiftlet_curl swiftlet_curl;

// All pointers have to stay valid until the request is over. Strings end with a NUL.
typedef struct {
    const char *url;
    const char *const *headers;  // "Name: value", header_count of them
    size_t header_count;
    const char *user_agent;
    const char *proxy;            // NULL: what the environment says; "": none
    const char *certificates;     // a file of PEM certificates to trust; NULL: the system's
    long connect_milliseconds;
    long stall_seconds;           // a transfer slower than stall_rate for so long has failed
    long stall_rate;              // bytes a second
    void *context;
    // Each is told `context` and says whether to go on. A header is a line with its line end, the
    // status line and the empty line at the end among them.
    bool (*on_header)(void *context, const uint8_t *bytes, size_t count);
    bool (*on_body)(void *context, const uint8_t *bytes, size_t count);
    bool (*on_tick)(void *context);  // often, and every second while nothing comes
} swiftlet_curl_request;

// How a request ended, as far as it matters what kind of failure it was.
enum {
    SWIFTLET_CURL_DONE = 0,      // an answer has come, whatever its status
    SWIFTLET_CURL_STOPPED,       // a callback said stop
    SWIFTLET_CURL_CERTIFICATE,   // the server's certificate is not trusted
    SWIFTLET_CURL_MISUSE,        // libcurl cannot do what is asked: a defect, or an odd build of it
    SWIFTLET_CURL_CONNECTION,    // everything that may be better next time
};

typedef struct {
    int outcome;
    char message[256];  // libcurl's words
} swiftlet_curl_result;

// Whether libcurl is there. May be called from any thread.
bool swiftlet_curl_is_there(void);

// A handle; NULL without libcurl or memory.
swiftlet_curl *swiftlet_curl_create(void);
void swiftlet_curl_destroy(swiftlet_curl *handle);

// A GET request without following redirects; blocks until it is over.
swiftlet_curl_result swiftlet_curl_get(swiftlet_curl *handle, const swiftlet_curl_request *request);
