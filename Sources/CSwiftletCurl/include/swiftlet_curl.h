// HTTP requests through libcurl, which is opened by name when the first request is made: no other
// command pays for it and the thirty libraries that it needs, and building needs no headers.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "swiftlet_loader.h"

// An easy handle: one request at a time; connections stay open for the next one.
typedef struct swiftlet_curl swiftlet_curl;

// A request. All pointers must stay valid until it is over. Strings end with a NUL.
typedef struct {
    const char *url;
    const char *const *headers;  // header_count lines "Name: value"
    size_t header_count;
    const char *user_agent;
    const char *proxy;         // NULL: as the environment says; "": none
    const char *certificates;  // a file of trusted PEM certificates; NULL: the system's
    long connect_milliseconds;
    long stall_seconds;  // a transfer slower than stall_rate for this long has failed
    long stall_rate;     // bytes per second
    void *context;
    // Called with `context`; each returns whether to continue. A header is one line with its line
    // end; the status line and the empty line at the end are passed too.
    bool (*on_header)(void *context, const uint8_t *bytes, size_t count);
    bool (*on_body)(void *context, const uint8_t *bytes, size_t count);
    bool (*on_tick)(void *context);  // often, and every second while nothing arrives
} swiftlet_curl_request;

// How a request ended, as far as the kind of failure matters.
enum {
    SWIFTLET_CURL_DONE = 0,     // an answer arrived, whatever its status
    SWIFTLET_CURL_STOPPED,      // a callback returned false
    SWIFTLET_CURL_CERTIFICATE,  // the server's certificate is not trusted
    SWIFTLET_CURL_MISUSE,       // libcurl cannot do this: a defect, or an unusual build of it
    SWIFTLET_CURL_CONNECTION,   // anything that may succeed next time
};

typedef struct {
    int outcome;
    char message[256];  // libcurl's words
} swiftlet_curl_result;

// Opens libcurl unless it is open; must have returned true before any other call. Any thread may
// call it.
bool swiftlet_curl_load(swiftlet_load_failure *failure);

// A handle, or NULL if memory runs out.
swiftlet_curl *swiftlet_curl_create(void);
void swiftlet_curl_destroy(swiftlet_curl *handle);

// Sends a GET request and returns when it is over. Redirects are not followed.
swiftlet_curl_result swiftlet_curl_get(swiftlet_curl *handle, const swiftlet_curl_request *request);
