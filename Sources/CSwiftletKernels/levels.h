// Shared by all kernel files: the body of each file is compiled once per level, with names that end in
// the level's, and the public functions call the version for the level in use.
//
// A kernel file includes itself, so that a kernel, its helpers and its public function are in one file:
//
//     #ifndef LANES
//     #define SWIFTLET_BODY "this file"
//     #include "every_level.h"    // compiles the second half once per level
//     ...public functions, each one line: SWIFTLET_RUN(name)(arguments)
//     #else
//     ...bodies, named AT_LEVEL(name)
//     #endif
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "swiftlet_kernels.h"

#if defined(__x86_64__)
#define SWIFTLET_X86 1
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// The level in use, or -1 before the first call. Detection gives the same result on every thread, so a
// relaxed atomic is enough.
extern _Atomic int swiftlet_chosen_level;
int swiftlet_choose_level(void);

static inline int swiftlet_level_now(void) {
    int level = atomic_load_explicit(&swiftlet_chosen_level, memory_order_relaxed);
    return level >= 0 ? level : swiftlet_choose_level();
}

#if SWIFTLET_X86
#define SWIFTLET_RUN(name)                                         \
    (swiftlet_level_now() >= SWIFTLET_LEVEL_AVX512 ? name##_avx512 \
     : swiftlet_level_now() == SWIFTLET_LEVEL_AVX2 ? name##_avx2   \
                                                   : name##_portable)
#else
#define SWIFTLET_RUN(name) name##_portable
#endif

// An element type of load_wide that is not in the public enumeration: 8-bit integers.
#define SWIFTLET_I8 ((swiftlet_dtype)3)

#define SWIFTLET_JOIN_(a, b) a##_##b
#define SWIFTLET_JOIN(a, b) SWIFTLET_JOIN_(a, b)
// A name for the level that is being compiled.
#define AT_LEVEL(name) SWIFTLET_JOIN(name, LEVEL_NAME)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("unroll")

// Plain names for the types and functions of lanes.h at the level that is being compiled.
#define vf AT_LEVEL(vf)
#define vi AT_LEVEL(vi)
#define vu AT_LEVEL(vu)
#define vh AT_LEVEL(vh)
#define vb AT_LEVEL(vb)
#define vd AT_LEVEL(vd)
#define splat AT_LEVEL(splat)
#define load AT_LEVEL(load)
#define store AT_LEVEL(store)
#define load_part AT_LEVEL(load_part)
#define store_part AT_LEVEL(store_part)
#define select_bits AT_LEVEL(select_bits)
#define select_lanes AT_LEVEL(select_lanes)
#define absolute AT_LEVEL(absolute)
#define fused AT_LEVEL(fused)
#define square_root AT_LEVEL(square_root)
#define add_as_double AT_LEVEL(add_as_double)
#define sum_of_lanes AT_LEVEL(sum_of_lanes)
#define sum_of_doubles AT_LEVEL(sum_of_doubles)
#define widen_f16_lanes AT_LEVEL(widen_f16_lanes)
#define narrow_f16_lanes AT_LEVEL(narrow_f16_lanes)
#define widen_bf16_lanes AT_LEVEL(widen_bf16_lanes)
#define narrow_bf16_lanes AT_LEVEL(narrow_bf16_lanes)
#define element_bytes AT_LEVEL(element_bytes)
#define load_wide AT_LEVEL(load_wide)
#define load_wide_part AT_LEVEL(load_wide_part)
#define exponential AT_LEVEL(exponential)
#define exponential_within AT_LEVEL(exponential_within)
