#pragma once
#include <stddef.h>
#include <stdint.h>

/// The default mutation of libFuzzer, for use in a custom mutator.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/// Starts counting the bytes that this process allocates from zero.
void allocations_begin(void);
/// The maximum number of bytes in use at any time since then.
size_t allocations_peak(void);
