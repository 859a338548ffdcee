#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own mutation, for a custom mutator to start from.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/// Begins to count the bytes that this process allocates: none are in use from here on.
void allocations_begin(void);
/// The most bytes in use at a time since then.
size_t allocations_peak(void);
