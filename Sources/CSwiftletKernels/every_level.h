// Compiles SWIFTLET_BODY once per level. No #pragma once: each kernel file includes it.
//
// A file that defines SWIFTLET_WITH_BF16_LEVEL is also compiled for AVX-512 BF16; all others run their
// AVX-512 version at that level.
//
// SWIFTLET_EMULATE_AVX512 compiles the sixteen-lane bodies for AVX2, where the compiler splits each vector
// in two, so that their logic can be tested on a machine without AVX-512.
#include "levels.h"

#define LANES 4
#define LEVEL_NAME portable
#include "lanes.h"
#include SWIFTLET_BODY
#undef LANES
#undef LEVEL_NAME

#if SWIFTLET_X86

#define LANES 8
#define LEVEL_NAME avx2
#define LEVEL_AVX2 1
#define LEVEL_FMA 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
#include "lanes.h"
#include SWIFTLET_BODY
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef LANES
#undef LEVEL_NAME
#undef LEVEL_AVX2

#define LANES 16
#define LEVEL_NAME avx512
#if defined(SWIFTLET_EMULATE_AVX512)
#pragma clang diagnostic ignored "-Wpsabi" // every helper is inlined, so no such vector is passed
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#define LEVEL_AVX512 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl")
#endif
#endif
#include "lanes.h"
#include SWIFTLET_BODY
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef LANES
#undef LEVEL_NAME

#if defined(SWIFTLET_WITH_BF16_LEVEL)
#define LANES 16
#define LEVEL_NAME avx512bf16
#if defined(SWIFTLET_EMULATE_AVX512)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#define LEVEL_AVX512_BF16 1
#if defined(__clang__)
#pragma clang attribute push(                                                                            \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
#endif
#endif
#include "lanes.h"
#include SWIFTLET_BODY
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef LANES
#undef LEVEL_NAME
#undef LEVEL_AVX512_BF16
#endif // SWIFTLET_WITH_BF16_LEVEL
#undef LEVEL_AVX512
#undef LEVEL_FMA

#endif // SWIFTLET_X86
#undef SWIFTLET_BODY
