// The calls that differ between operating systems.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The processors that this process may use, which `taskset` and containers restrict; at least 1.
int swiftlet_processor_count(void);

// Exchanges what two paths name, in one step. Returns 0 or an error number; ENOSYS, EINVAL or
// ENOTSUP where the system or the file system cannot.
int swiftlet_exchange(const char *a, const char *b);

// Extends a file that ends at `offset` by `count` zeros. Where the system can, their space on the
// disk is reserved. Returns 0 or an error number; part of the space may be reserved then.
int swiftlet_extend(int descriptor, int64_t offset, int64_t count);

// Asks for large pages in mapped memory, where the system has them.
void swiftlet_prefer_huge_pages(void *start, size_t count);

// The memory of this process in bytes; -1 for what the system does not report.
typedef struct {
    int64_t peak_resident;  // the most that was resident at once, mapped files included
    int64_t anonymous;      // resident now and not part of a file
} swiftlet_process_memory;

swiftlet_process_memory swiftlet_current_memory(void);
