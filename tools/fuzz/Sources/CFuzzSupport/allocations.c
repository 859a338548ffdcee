// Counts memory with the allocator hooks of AddressSanitizer. Written in C because hooks must not
// allocate, which Swift does not guarantee.
#include "fuzz_support.h"
#include <stdatomic.h>

int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

static atomic_llong in_use;
static atomic_llong peak;

static void allocated(const volatile void *memory, size_t size) {
    (void)memory;
    long long now = atomic_fetch_add(&in_use, (long long)size) + (long long)size;
    long long before = atomic_load(&peak);
    while (now > before && !atomic_compare_exchange_weak(&peak, &before, now)) {}
}

static void freed(const volatile void *memory) {
    if (memory) atomic_fetch_sub(&in_use, (long long)__sanitizer_get_allocated_size(memory));
}

void allocations_begin(void) {
    static atomic_flag installed = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&installed)) {
        __sanitizer_install_malloc_and_free_hooks(allocated, freed);
    }
    atomic_store(&in_use, 0);
    atomic_store(&peak, 0);
}

size_t allocations_peak(void) { return (size_t)atomic_load(&peak); }
