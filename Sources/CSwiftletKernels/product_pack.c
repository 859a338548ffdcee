// Packs the factors of products of many rows into panels (panels.h).
//
// A factor is stored in one of two ways. Where a step of the sum is a row of memory, a panel takes a piece of each
// row. Where the steps are the columns, a panel is a transpose: it takes four steps of LANES lines at a time, as
// LANES / 4 lines side by side in a vector, and transposes the 4 x 4 blocks:
//
//     quads     line 0 | line 4 | line 8 | line 12       steps 0 ... 3 of each
//               line 1 | line 5 | line 9 | line 13
//               line 2 | line 6 | ...
//               line 3 | line 7 | ...
//     columns   lines 0 ... 15 at step 0, at step 1, at step 2, at step 3
#ifndef LANES

// Steps of a line that are converted at a time.
#define STAGED 128
// The address may be past the end.
#define PREFETCH(address) __builtin_prefetch((const void *)((uintptr_t)(address)), 0, 3)

#define SWIFTLET_BODY "product_pack.c"
#include "every_level.h"

size_t swiftlet_panel_rows(void) { return SWIFTLET_RUN(panel_sizes)(0); }
size_t swiftlet_panel_columns(void) { return SWIFTLET_RUN(panel_sizes)(1); }

void swiftlet_pack_left(swiftlet_panel_form form, swiftlet_dtype dtype, int by_steps, const void *x, size_t ldx,
                        size_t lines, size_t length, void *packed, size_t stride) {
    SWIFTLET_RUN(pack)(form, dtype, 0, by_steps, x, ldx, lines, length, packed, stride);
}

void swiftlet_pack_right(swiftlet_panel_form form, swiftlet_dtype dtype, int by_steps, const void *x, size_t ldx,
                         size_t lines, size_t length, void *packed, size_t stride) {
    SWIFTLET_RUN(pack)(form, dtype, 1, by_steps, x, ldx, lines, length, packed, stride);
}

#else

#include "panels.h"

static size_t AT_LEVEL(panel_sizes)(int right) { return right ? PANEL_COLUMNS : PANEL_ROWS; }

// Four elements of a panel: f32 numbers or pairs.
typedef uint32_t AT_LEVEL(quad) __attribute__((vector_size(16)));
#define quad AT_LEVEL(quad)

// Bits of f32 numbers whose upper half is the number rounded to bf16.
INLINE vu AT_LEVEL(rounded)(vf v) {
    vu bits = (vu)v;
    vu even = bits + 0x7fffu + ((bits >> 16) & 1u);
    // Rounding could turn a NaN into infinity. Instead it keeps its upper half and becomes quiet.
    return select_bits((vi)(v != v), bits | 0x400000u, even);
}

// Whether a line's memory holds the elements of a panel as they are.
INLINE int AT_LEVEL(is_direct)(swiftlet_panel_form form, swiftlet_dtype dtype) {
    return form == SWIFTLET_PANEL_F32 ? dtype == SWIFTLET_F32
                                      : form == SWIFTLET_PANEL_BF16 && dtype == SWIFTLET_BF16;
}

// Converts consecutive steps of a line to the numbers of a panel.
INLINE void AT_LEVEL(convert_line)(swiftlet_panel_form form, swiftlet_dtype dtype, const char *x, size_t length,
                                   void *out) {
    const size_t bytes = element_bytes(dtype);
    for (size_t s = 0; s < length; s += LANES, x += LANES * bytes) {
        const size_t count = length - s < LANES ? length - s : LANES;
        vf v = count == LANES ? load_wide(dtype, x) : load_wide_part(dtype, x, count);
        if (form == SWIFTLET_PANEL_BF16) {
            vh h = __builtin_convertvector(AT_LEVEL(rounded)(v) >> 16, vh);
            memcpy((uint16_t *)out + s, &h, sizeof h);
        } else {
            store((float *)out + s, form == SWIFTLET_PANEL_F32 ? v : (vf)(AT_LEVEL(rounded)(v) & 0xffff0000u));
        }
    }
}

// Lines of LANES / 4 quads side by side.
INLINE vu AT_LEVEL(join_quads)(const quad *q) {
#if LANES == 16
    typedef uint32_t eight __attribute__((vector_size(32)));
    eight a = __builtin_shufflevector(q[0], q[4], 0, 1, 2, 3, 4, 5, 6, 7);
    eight b = __builtin_shufflevector(q[8], q[12], 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LANES == 8
    return __builtin_shufflevector(q[0], q[4], 0, 1, 2, 3, 4, 5, 6, 7);
#else
    return q[0];
#endif
}

// Interleaves the lower (or the upper) halves of each four lanes of a and b: one by one, or two by two.
#if LANES == 16
#define EACH_FOUR(a, b, i, j, k, l)                                                                         \
    __builtin_shufflevector(a, b, i, j, k, l, i + 4, j + 4, k + 4, l + 4, i + 8, j + 8, k + 8, l + 8, i + 12, \
                            j + 12, k + 12, l + 12)
#elif LANES == 8
#define EACH_FOUR(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l, i + 4, j + 4, k + 4, l + 4)
#else
#define EACH_FOUR(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#endif

// lines[i] = four steps of line i, i < LANES; out[s] = all lines at step s.
INLINE void AT_LEVEL(transpose_four)(const quad *lines, vu *out) {
    vu a[4];
    UNROLL for (int j = 0; j < 4; j++) a[j] = AT_LEVEL(join_quads)(lines + j);
    vu b0 = EACH_FOUR(a[0], a[1], 0, LANES, 1, LANES + 1), b1 = EACH_FOUR(a[2], a[3], 0, LANES, 1, LANES + 1);
    vu b2 = EACH_FOUR(a[0], a[1], 2, LANES + 2, 3, LANES + 3), b3 = EACH_FOUR(a[2], a[3], 2, LANES + 2, 3, LANES + 3);
    out[0] = EACH_FOUR(b0, b1, 0, 1, LANES, LANES + 1);
    out[1] = EACH_FOUR(b0, b1, 2, 3, LANES + 2, LANES + 3);
    out[2] = EACH_FOUR(b2, b3, 0, 1, LANES, LANES + 1);
    out[3] = EACH_FOUR(b2, b3, 2, 3, LANES + 2, LANES + 3);
}
#undef EACH_FOUR

// Writes count <= LANES words. All lanes are written where there is room until `end`, which is quicker.
INLINE void AT_LEVEL(store_elements)(uint32_t *p, vu v, size_t count, const uint32_t *end) {
    if (count == LANES || p + LANES <= end)
        memcpy(p, &v, sizeof v);
    else
        store_part((float *)p, (vf)v, count);
}

// Packs `count` <= LANES lines, which have `bytes` bytes of whole words or pairs, into a panel that is `height`
// words wide; what follows these bytes counts as 0. `kept` words of a vector belong to this call.
INLINE void AT_LEVEL(transpose_lines)(const char *x, size_t line_bytes, size_t count, size_t kept, size_t height,
                                  size_t bytes, uint32_t *packed, const uint32_t *end) {
    quad lines[LANES];
    UNROLL for (int i = 0; i < LANES; i++) lines[i] = (quad){0};
    vu out[4];
    size_t at = 0;
    for (; at + sizeof(quad) <= bytes; at += sizeof(quad), packed += 4 * height) {
        if (count == LANES) {
            UNROLL for (int i = 0; i < LANES; i++) memcpy(&lines[i], x + (size_t)i * line_bytes + at, sizeof(quad));
        } else {
            for (size_t i = 0; i < count; i++) memcpy(&lines[i], x + i * line_bytes + at, sizeof(quad));
        }
        AT_LEVEL(transpose_four)(lines, out);
        UNROLL for (int t = 0; t < 4; t++)
            AT_LEVEL(store_elements)(packed + (size_t)t * height, out[t], kept, end);
    }
    if (at == bytes) return;
    for (size_t i = 0; i < count; i++) {
        lines[i] = (quad){0};
        memcpy(&lines[i], x + i * line_bytes + at, bytes - at);
    }
    AT_LEVEL(transpose_four)(lines, out);
    for (size_t t = 0; t < (bytes - at + 3) / 4; t++)
        AT_LEVEL(store_elements)(packed + t * height, out[t], kept, end);
}

// The same for lines of any type, by way of a copy of some steps. Where lines are a multiple of 4096 bytes apart,
// they would otherwise take turns in the same few places of the first cache. length: steps.
INLINE void AT_LEVEL(pack_lines)(swiftlet_panel_form form, swiftlet_dtype dtype, const char *x, size_t line_bytes,
                                 size_t count, size_t kept, size_t height, size_t length, uint32_t *packed,
                                 const uint32_t *end) {
    const size_t bytes = element_bytes(dtype);
    const size_t width = form == SWIFTLET_PANEL_BF16 ? 2 : 4;
    char staged[LANES][STAGED * sizeof(uint32_t)];
    for (size_t s = 0; s < length; s += STAGED, packed += STAGED * width / 4 * height) {
        const size_t steps = length - s < STAGED ? length - s : STAGED;
        for (size_t i = 0; i < count; i++) {
            const char *line = x + i * line_bytes + s * bytes;
            if (AT_LEVEL(is_direct)(form, dtype))
                memcpy(staged[i], line, steps * bytes);
            else
                AT_LEVEL(convert_line)(form, dtype, line, steps, staged[i]);
        }
        AT_LEVEL(transpose_lines)(staged[0], sizeof staged[0], count, kept, height, steps * width, packed, end);
    }
}

// count <= LANES words of one step, or of two for pairs; second is NULL if there is no second.
INLINE vu AT_LEVEL(load_step)(swiftlet_panel_form form, swiftlet_dtype dtype, const char *first, const char *second,
                              size_t count) {
    vf a = count == LANES ? load_wide(dtype, first) : load_wide_part(dtype, first, count);
    if (form == SWIFTLET_PANEL_F32) return (vu)a;
    if (AT_LEVEL(is_direct)(form, dtype)) {
        vf b = splat(0.0f);
        if (second) b = count == LANES ? load_wide(dtype, second) : load_wide_part(dtype, second, count);
        return (vu)a >> 16 | (vu)b;
    }
    if (form == SWIFTLET_PANEL_ROUNDED) return AT_LEVEL(rounded)(a) & 0xffff0000u;
    vf b = splat(0.0f);
    if (second) b = count == LANES ? load_wide(dtype, second) : load_wide_part(dtype, second, count);
    return AT_LEVEL(rounded)(a) >> 16 | (AT_LEVEL(rounded)(b) & 0xffff0000u);
}

// A factor of lines x length whose memory has a row per step (by_steps) or a row per line.
INLINE void AT_LEVEL(pack_body)(swiftlet_panel_form form, swiftlet_dtype dtype, int right, int by_steps,
                                const char *x, size_t ldx, size_t lines, size_t length, uint32_t *packed,
                                size_t stride) {
    const size_t bytes = element_bytes(dtype), height = right ? PANEL_COLUMNS : PANEL_ROWS;
    const size_t step = form == SWIFTLET_PANEL_BF16 ? 2 : 1, words = (length + step - 1) / step;
    for (size_t s = 0; s < length; s += by_steps ? step : length) {
        const char *row = x + s * ldx * bytes, *next = s + 1 < length ? row + ldx * bytes : NULL;
        uint32_t *panel = packed;
        for (size_t first = 0; first < lines; first += height, panel += stride) {
            const size_t here = lines - first < height ? lines - first : height;
            const uint32_t *end = panel + words * height;
            UNROLL for (size_t i = 0; i < height; i += LANES) {
                size_t count = here < i ? 0 : here - i < LANES ? here - i : LANES;
                if (by_steps) {
                    uint32_t *p = panel + s / step * height + i;
                    if (count == 0) {
                        // The right factor's missing columns are multiplied, the left one's missing rows are not.
                        if (right) memset(p, 0, LANES * sizeof *p);
                        continue;
                    }
                    const size_t at = (first + i) * bytes;
                    PREFETCH(row + 8 * step * ldx * bytes + at);
                    vu v = AT_LEVEL(load_step)(form, dtype, row + at, next ? next + at : NULL, count);
                    AT_LEVEL(store_elements)(p, v, right ? LANES : count, end);
                } else if (count > 0 || right) {
                    // What a store writes past its lines must be written again by a later one.
                    const uint32_t *limit = height > LANES ? panel : end;
                    AT_LEVEL(pack_lines)(form, dtype, x + (first + i) * ldx * bytes, ldx * bytes, count,
                                         right ? LANES : count, height, length, panel + i, limit);
                }
            }
        }
    }
}

static void AT_LEVEL(pack)(swiftlet_panel_form form, swiftlet_dtype dtype, int right, int by_steps, const void *x,
                           size_t ldx, size_t lines, size_t length, void *packed, size_t stride) {
    // One loop per combination, in which these are constants.
#define PACK_SIDE(form, type, right)                                                                \
    (by_steps ? AT_LEVEL(pack_body)(form, type, right, 1, x, ldx, lines, length, packed, stride)    \
              : AT_LEVEL(pack_body)(form, type, right, 0, x, ldx, lines, length, packed, stride))
#define PACK_TYPE(form, type)           \
    case type:                          \
        if (right)                      \
            PACK_SIDE(form, type, 1);   \
        else                            \
            PACK_SIDE(form, type, 0);   \
        break;
#define PACK_FORM(form)                      \
    case form:                               \
        switch (dtype) {                     \
            PACK_TYPE(form, SWIFTLET_F32)    \
            PACK_TYPE(form, SWIFTLET_F16)    \
            PACK_TYPE(form, SWIFTLET_BF16)   \
        }                                    \
        break;
    switch (form) {
        PACK_FORM(SWIFTLET_PANEL_F32)
        PACK_FORM(SWIFTLET_PANEL_ROUNDED)
        PACK_FORM(SWIFTLET_PANEL_BF16)
    }
#undef PACK_FORM
#undef PACK_TYPE
#undef PACK_SIDE
}
#undef quad

#endif
