// Products of many rows from packed panels (panels.h, product_pack.c).
//
// A tile is PANEL_ROWS x PANEL_COLUMNS results. For each step of the sum it loads the row of the right panel, 2
// vectors, and multiplies it by each of the left panel's elements, which are copied to all lanes. So a load
// serves 14 multiplications (6 with AVX2), and the multipliers are busy nearly all the time.
//
// A result is a lane of an accumulator and takes its products one by one, in order of the sum. It therefore does
// not depend on its place in a tile, on the other rows and columns, or on the number of lanes: AVX2 and AVX-512
// are bit-identical, and the caller may divide the work as it likes.
#ifndef LANES

#define SWIFTLET_BODY "product_panels.c"
#define SWIFTLET_WITH_BF16_LEVEL
#include "every_level.h"

#if SWIFTLET_X86
#define RUN(name)                                                            \
    (swiftlet_level_now() == SWIFTLET_LEVEL_AVX512_BF16 ? name##_avx512bf16        \
                                                        : SWIFTLET_RUN(name))
#else
#define RUN(name) SWIFTLET_RUN(name)
#endif

void swiftlet_multiply_panels(swiftlet_panel_form form, const void *left, size_t left_stride, const void *right,
                              size_t right_stride, float *y, size_t ldy, size_t m, size_t n, size_t steps,
                              int accumulate) {
    if (form != SWIFTLET_PANEL_BF16)
        RUN(multiply_f32)(left, left_stride, right, right_stride, y, ldy, m, n, steps, accumulate);
    else
        RUN(multiply_bf16)(left, left_stride, right, right_stride, y, ldy, m, n, steps, accumulate);
}

#else

#include "panels.h"

// sum + a b, or sum + the products of two pairs, the upper elements' first. The instruction for pairs also
// treats denormals as 0.
INLINE vf AT_LEVEL(add_product)(int pairs, vf sum, vu a, vu b) {
    if (!pairs) return fused((vf)a, (vf)b, sum);
#if LEVEL_AVX512_BF16
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
    sum = fused((vf)(a & 0xffff0000u), (vf)(b & 0xffff0000u), sum);
    return fused((vf)(a << 16), (vf)(b << 16), sum);
#endif
}

// One tile of rows x PANEL_COLUMNS, of which columns exist. pairs and rows are constants where this is inlined.
INLINE void AT_LEVEL(panel_tile)(int pairs, int rows, const uint32_t *left, const uint32_t *right, float *y,
                                 size_t ldy, size_t columns, size_t steps, int accumulate) {
    vf a[PANEL_ROWS * 2];
    UNROLL for (int i = 0; i < rows * 2; i++) a[i] = splat(0.0f);
    // The results are needed at the end, and may be far away.
    if (accumulate) {
        UNROLL for (int r = 0; r < rows; r++) {
            __builtin_prefetch(y + (size_t)r * ldy, 1, 3);
            __builtin_prefetch(y + (size_t)r * ldy + columns - 1, 1, 3);
        }
    }
    for (size_t i = 0; i < steps; i++, left += PANEL_ROWS, right += PANEL_COLUMNS) {
        vu w[2];
        UNROLL for (int v = 0; v < 2; v++) memcpy(&w[v], right + v * LANES, sizeof w[v]);
        UNROLL for (int r = 0; r < rows; r++) {
            vu one = (vu)splat(((const float *)left)[r]);
            UNROLL for (int v = 0; v < 2; v++) a[r * 2 + v] = AT_LEVEL(add_product)(pairs, a[r * 2 + v], one, w[v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < 2; v++) {
            const size_t first = (size_t)v * LANES;
            float *p = y + (size_t)r * ldy + first;
            vf sum = a[r * 2 + v];
            if (first + LANES <= columns) {
                store(p, accumulate ? load(p) + sum : sum);
            } else if (first < columns) {
                size_t left = columns - first;
                store_part(p, accumulate ? load_part(p, left) + sum : sum, left);
            }
        }
    }
}

INLINE void AT_LEVEL(panel_rows)(int pairs, size_t rows, const uint32_t *left, const uint32_t *right, float *y,
                                 size_t ldy, size_t columns, size_t steps, int accumulate) {
    switch (rows) {
#define CASE(count)                                                                                        \
    case count:                                                                                            \
        AT_LEVEL(panel_tile)(pairs, count, left, right, y, ldy, columns, steps, accumulate);               \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#if PANEL_ROWS == 14
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
        CASE(13)
        CASE(14)
#endif
#undef CASE
    }
}

// Rows of y that are finished for all columns before the next ones, so that their part of the left factor stays
// in the second cache.
#undef BLOCK_PANELS
#define BLOCK_PANELS (168 / PANEL_ROWS)

// left, right: panels whose starts are the strides apart; y: m rows of n.
INLINE void AT_LEVEL(multiply)(int pairs, const uint32_t *left, size_t left_stride, const uint32_t *right,
                               size_t right_stride, float *y, size_t ldy, size_t m, size_t n, size_t steps,
                               int accumulate) {
    const size_t block = BLOCK_PANELS * PANEL_ROWS;
    for (size_t start = 0; start < m; start += block, left += BLOCK_PANELS * left_stride, y += block * ldy) {
        const size_t rows = m - start < block ? m - start : block;
        const uint32_t *column = right;
        for (size_t c = 0; c < n; c += PANEL_COLUMNS, column += right_stride) {
            const size_t columns = n - c < PANEL_COLUMNS ? n - c : PANEL_COLUMNS;
            const uint32_t *row = left;
            size_t r = 0;
            for (; r + PANEL_ROWS <= rows; r += PANEL_ROWS, row += left_stride)
                AT_LEVEL(panel_tile)(pairs, PANEL_ROWS, row, column, y + r * ldy + c, ldy, columns, steps,
                                     accumulate);
            if (r < rows)
                AT_LEVEL(panel_rows)(pairs, rows - r, row, column, y + r * ldy + c, ldy, columns, steps,
                                     accumulate);
        }
    }
}

static void AT_LEVEL(multiply_f32)(const uint32_t *left, size_t left_stride, const uint32_t *right,
                                   size_t right_stride, float *y, size_t ldy, size_t m, size_t n, size_t steps,
                                   int accumulate) {
    AT_LEVEL(multiply)(0, left, left_stride, right, right_stride, y, ldy, m, n, steps, accumulate);
}

static void AT_LEVEL(multiply_bf16)(const uint32_t *left, size_t left_stride, const uint32_t *right,
                                    size_t right_stride, float *y, size_t ldy, size_t m, size_t n,
                                    size_t steps, int accumulate) {
    AT_LEVEL(multiply)(1, left, left_stride, right, right_stride, y, ldy, m, n, steps, accumulate);
}

#endif
