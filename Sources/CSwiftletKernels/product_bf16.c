// Products of many rows with a bf16 weight on processors with instructions for pairs of bf16 (AVX-512 BF16).
//
// The other levels compile the same body with the one instruction spelled out, which tests its logic on
// processors that lack it (with sixteen lanes under SWIFTLET_EMULATE_AVX512).
#ifndef LANES

#define SWIFTLET_BODY "product_bf16.c"
#define SWIFTLET_WITH_BF16_LEVEL
#include "every_level.h"

#if SWIFTLET_X86
#define RUN(name)                                                                  \
    (swiftlet_level_now() == SWIFTLET_LEVEL_AVX512_BF16 ? name##_avx512bf16        \
                                                        : SWIFTLET_RUN(name))
#else
#define RUN(name) SWIFTLET_RUN(name)
#endif

size_t swiftlet_packed_bf16_words(size_t n, size_t k) { return (n + 31) / 32 * 32 * ((k + 1) / 2); }

// Out-in order: the elements of a pair are adjacent in a row of w, which is an output.
static void pack_out_in(const uint16_t *w, size_t ldw, size_t columns, size_t k, uint32_t *packed) {
    for (size_t c = 0; c < columns; c++, w += ldw) {
        size_t i = 0;
        for (; i + 2 <= k; i += 2) memcpy(packed + i / 2 * 32 + c, w + i, sizeof *packed);
        if (i < k) packed[i / 2 * 32 + c] = w[i];
    }
    for (size_t i = 0; i < (k + 1) / 2; i++)
        memset(packed + i * 32 + columns, 0, (32 - columns) * sizeof *packed);
}

// In-out order: the elements of a pair are in two rows of w.
static void pack_in_out(const uint16_t *w, size_t ldw, size_t columns, size_t k, uint32_t *packed) {
    for (size_t i = 0; i < k; i += 2, w += 2 * ldw, packed += 32) {
        if (i + 1 < k) {
            for (size_t c = 0; c < columns; c++) packed[c] = w[c] | (uint32_t)w[ldw + c] << 16;
        } else {
            for (size_t c = 0; c < columns; c++) packed[c] = w[c];
        }
        memset(packed + columns, 0, (32 - columns) * sizeof *packed);
    }
}

void swiftlet_pack_bf16(int in_out, const uint16_t *w, size_t ldw, size_t n, size_t k, uint32_t *packed) {
    for (size_t c = 0; c < n; c += 32, packed += 32 * ((k + 1) / 2)) {
        size_t columns = n - c < 32 ? n - c : 32;
        if (in_out)
            pack_in_out(w + c, ldw, columns, k, packed);
        else
            pack_out_in(w + c * ldw, ldw, columns, k, packed);
    }
}

void swiftlet_product_packed_bf16(const uint32_t *packed, const uint32_t *x, size_t ldx, float *y, size_t ldy,
                                  size_t m, size_t n, size_t k, int accumulate) {
    RUN(product_packed_bf16)(packed, x, ldx, y, ldy, m, n, k, accumulate);
}

#else

// The accumulators of a tile take 24 of 32 registers, or 8 of 16.
#if LANES >= 16
#define TILE_ROWS 12
#elif LANES == 8
#define TILE_ROWS 2
#else
#define TILE_ROWS 1
#endif
#define VECTORS (32 / LANES)

// sum + the products of the elements of two pairs of bf16, the upper elements' first. The instruction also
// treats denormals as 0.
INLINE vf AT_LEVEL(add_pairs)(vf sum, vu a, vu b) {
#if LEVEL_AVX512_BF16
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
    sum = fused((vf)(a & 0xffff0000u), (vf)(b & 0xffff0000u), sum);
    return fused((vf)(a << 16), (vf)(b << 16), sum);
#endif
}

// A tile of rows x 32 outputs, summed over all pairs. rows is a constant where this is inlined.
INLINE void AT_LEVEL(packed_tile)(int rows, const uint32_t *packed, const uint32_t *x, size_t ldx, float *y,
                                  size_t ldy, size_t columns, size_t pairs, int accumulate) {
    vf a[TILE_ROWS * VECTORS];
    UNROLL for (int i = 0; i < rows * VECTORS; i++) a[i] = splat(0.0f);
    for (size_t i = 0; i < pairs; i++, packed += 32) {
        vu w[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++) memcpy(&w[v], packed + v * LANES, sizeof w[v]);
        UNROLL for (int r = 0; r < rows; r++) {
            vu pair = (vu){0} + x[(size_t)r * ldx + i];
            UNROLL for (int v = 0; v < VECTORS; v++)
                a[r * VECTORS + v] = AT_LEVEL(add_pairs)(a[r * VECTORS + v], pair, w[v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < VECTORS; v++) {
            const size_t first = (size_t)v * LANES;
            float *p = y + (size_t)r * ldy + first;
            vf sum = a[r * VECTORS + v];
            if (first + LANES <= columns) {
                store(p, accumulate ? load(p) + sum : sum);
            } else if (first < columns) {
                size_t left = columns - first;
                store_part(p, accumulate ? load_part(p, left) + sum : sum, left);
            }
        }
    }
}

// packed: an n x k weight as packed by swiftlet_pack_bf16; x: m rows of (k + 1) / 2 pairs; y: m rows of n. An
// output's sum runs over k in order, two elements at a time, of which the second is added first.
static void AT_LEVEL(product_packed_bf16)(const uint32_t *packed, const uint32_t *x, size_t ldx, float *y,
                                          size_t ldy, size_t m, size_t n, size_t k, int accumulate) {
    const size_t pairs = (k + 1) / 2;
    for (size_t c = 0; c < n; c += 32, packed += 32 * pairs) {
        const size_t columns = n - c < 32 ? n - c : 32;
        size_t r = 0;
        for (; r + TILE_ROWS <= m; r += TILE_ROWS)
            AT_LEVEL(packed_tile)(TILE_ROWS, packed, x + r * ldx, ldx, y + r * ldy + c, ldy, columns, pairs,
                                  accumulate);
        for (; r + 4 <= m && TILE_ROWS > 4; r += 4)
            AT_LEVEL(packed_tile)(TILE_ROWS > 4 ? 4 : 1, packed, x + r * ldx, ldx, y + r * ldy + c, ldy, columns,
                                  pairs, accumulate);
        for (; r < m; r++)
            AT_LEVEL(packed_tile)(1, packed, x + r * ldx, ldx, y + r * ldy + c, ldy, columns, pairs, accumulate);
    }
}

#undef TILE_ROWS
#undef VECTORS

#endif
