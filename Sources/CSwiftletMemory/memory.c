// The program's memory allocator: the C library's, except that a refusal ends the process with a message
// and an exit status (ending.c). Swift's runtime would abort with a backtrace, C++ with an exception that
// nobody catches, and a progress bar or a temporary file would stay. Linked into the program only:
// libraries take their process as it is.
//
// glibc lets a program replace its allocator, and has its own under other names. Elsewhere, and under
// sanitizers, which replace it themselves, nothing is done.
#include "swiftlet_memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#include <stdlib.h>

#if defined(__GLIBC__) && !defined(SANITIZED)
#include <errno.h>
#include <stdint.h>
#include "swiftlet_ending.h"

extern void *__libc_malloc(size_t count);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *old, size_t count);
extern void *__libc_memalign(size_t alignment, size_t count);

// More than any machine has is a mistake of the caller, which is told, and no lack of memory.
static const size_t largest = (size_t)1 << 46;

static void *checked(void *memory, size_t count) {
    if (!memory && count > 0 && count <= largest && errno == ENOMEM) swiftlet_end_without_memory(count);
    return memory;
}

void *malloc(size_t count) { return checked(__libc_malloc(count), count); }

void *calloc(size_t number, size_t size) {
    size_t count;
    void *memory = __libc_calloc(number, size);
    return __builtin_mul_overflow(number, size, &count) ? memory : checked(memory, count);
}

void *realloc(void *old, size_t count) { return checked(__libc_realloc(old, count), count); }

void *memalign(size_t alignment, size_t count) {
    return checked(__libc_memalign(alignment, count), count);
}

void *aligned_alloc(size_t alignment, size_t count) {
    return checked(__libc_memalign(alignment, count), count);
}

int posix_memalign(void **memory, size_t alignment, size_t count) {
    // As POSIX demands: a power of two, and a multiple of the size of a pointer.
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    const int before = errno;
    void *result = checked(__libc_memalign(alignment, count), count);
    errno = before;
    if (!result) return ENOMEM;
    *memory = result;
    return 0;
}
#endif

void swiftlet_memory_link(void) {}
