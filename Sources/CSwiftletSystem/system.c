// The only calls that Linux and macOS do not share. On Linux they need GNU extensions of the C library.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#endif
#include "swiftlet_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

int swiftlet_processor_count(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

int swiftlet_exchange(const char *a, const char *b) {
#if defined(__APPLE__)
    return renamex_np(a, b, RENAME_SWAP) == 0 ? 0 : errno;
#elif defined(SYS_renameat2)
    // The system call itself: not every C library has a function for it.
    const unsigned exchange = 2;  // RENAME_EXCHANGE, linux/fs.h
    return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, exchange) == 0 ? 0 : errno;
#else
    (void)a, (void)b;
    return ENOSYS;
#endif
}

int swiftlet_extend(int descriptor, int64_t offset, int64_t count) {
#if defined(__APPLE__)
    // Without reserving space: there is no call for that which all file systems support.
    return ftruncate(descriptor, offset + count) == 0 ? 0 : errno;
#else
    int status;
    do {
        status = posix_fallocate(descriptor, offset, count);
    } while (status == EINTR);
    return status;
#endif
}

void swiftlet_prefer_huge_pages(void *start, size_t count) {
#if defined(MADV_HUGEPAGE)
    // Nothing depends on it, so a refusal is ignored.
    (void)madvise(start, count, MADV_HUGEPAGE);
#else
    (void)start, (void)count;
#endif
}

swiftlet_process_memory swiftlet_current_memory(void) {
    swiftlet_process_memory memory = {-1, -1};
#if defined(__linux__)
    // Lines like "RssAnon:   123 kB".
    FILE *status = fopen("/proc/self/status", "re");
    if (!status) return memory;
    char line[256];
    while (fgets(line, sizeof line, status)) {
        long long kilobytes;
        if (sscanf(line, "VmHWM: %lld kB", &kilobytes) == 1)
            memory.peak_resident = kilobytes * 1024;
        if (sscanf(line, "RssAnon: %lld kB", &kilobytes) == 1)
            memory.anonymous = kilobytes * 1024;
    }
    fclose(status);
#else
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) memory.peak_resident = usage.ru_maxrss;
#endif
    return memory;
}
