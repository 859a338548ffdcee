// Vectors of LANES floats for one level, written with the compiler's vector extensions, so that one source
// serves every level and ARM. Intrinsics are used only for instructions that the extensions cannot
// express. Nothing here requires alignment. No #pragma once: every_level.h includes this once per level.

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * LANES)));
typedef uint16_t vh __attribute__((vector_size(2 * LANES)));
typedef int8_t vb __attribute__((vector_size(LANES)));
typedef double vd __attribute__((vector_size(8 * LANES)));

INLINE vf splat(float a) {
    vf v;
    UNROLL for (int i = 0; i < LANES; i++) v[i] = a;
    return v;
}

INLINE vf load(const float *p) {
    vf v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, vf v) { memcpy(p, &v, sizeof v); }

#if LEVEL_AVX2
// A mask of lanes 0 ..< count.
INLINE __m256i AT_LEVEL(first_lanes)(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

// The first count < LANES floats at p; the other lanes are 0. No byte after them is read.
INLINE vf load_part(const float *p, size_t count) {
#if LEVEL_AVX512
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#elif LEVEL_AVX2
    return (vf)_mm256_maskload_ps(p, AT_LEVEL(first_lanes)(count));
#else
    vf v = {0};
    memcpy(&v, p, count * sizeof(float));
    return v;
#endif
}

INLINE void store_part(float *p, vf v, size_t count) {
#if LEVEL_AVX512
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
#elif LEVEL_AVX2
    _mm256_maskstore_ps(p, AT_LEVEL(first_lanes)(count), (__m256)v);
#else
    memcpy(p, &v, count * sizeof(float));
#endif
}

// For each lane: a where the mask is all ones, b where it is zero.
INLINE vu select_bits(vi mask, vu a, vu b) { return ((vu)mask & a) | (~(vu)mask & b); }
INLINE vf select_lanes(vi mask, vf a, vf b) { return (vf)select_bits(mask, (vu)a, (vu)b); }

INLINE vf absolute(vf a) { return (vf)((vu)a & 0x7fffffffu); }

// a b + c, rounded once if the level has the instruction.
INLINE vf fused(vf a, vf b, vf c) {
#if LEVEL_FMA && defined(__clang__)
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

INLINE vf square_root(vf a) {
#if defined(__clang__)
    return __builtin_elementwise_sqrt(a);
#else
    for (int i = 0; i < LANES; i++) a[i] = __builtin_sqrtf(a[i]);
    return a;
#endif
}

// *total += v. By pointer, because there is no stable calling convention for vectors wider than the level's
// registers.
INLINE void add_as_double(vd *total, vf v) { *total += __builtin_convertvector(v, vd); }

// Adds the upper half to the lower half until one lane is left: always the same tree.
INLINE float sum_of_lanes(vf v) {
#if LANES >= 8
    float parts[LANES];
    memcpy(parts, &v, sizeof v);
    typedef float quad __attribute__((vector_size(16)));
    quad q[LANES / 4];
    memcpy(q, parts, sizeof q);
    UNROLL for (int width = LANES / 8; width > 0; width /= 2) {
        UNROLL for (int i = 0; i < width; i++) q[i] += q[i + width];
    }
    return (q[0][0] + q[0][2]) + (q[0][1] + q[0][3]);
#else
    return (v[0] + v[2]) + (v[1] + v[3]);
#endif
}

INLINE double sum_of_doubles(const vd *v) {
    double parts[LANES];
    memcpy(parts, v, sizeof parts);
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int i = 0; i < width; i++) parts[i] += parts[i + width];
    }
    return parts[0];
}

// ---- 16-bit floats: exact widening; narrowing to nearest even; a NaN becomes quiet -----------------

INLINE vf widen_bf16_lanes(vh h) { return (vf)(__builtin_convertvector(h, vu) << 16); }

INLINE vh narrow_bf16_lanes(vf v) {
    vu bits = (vu)v;
    vu rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    // Rounding could turn a NaN into infinity. Instead it keeps its upper half and becomes quiet.
    vu quiet = (bits >> 16) | 0x40u;
    return __builtin_convertvector(select_bits(v != v, quiet, rounded), vh);
}

INLINE vf widen_f16_lanes(vh h) {
#if LEVEL_AVX512
    return (vf)_mm512_cvtph_ps((__m256i)h);
#elif LEVEL_AVX2
    return (vf)_mm256_cvtph_ps((__m128i)h);
#elif defined(__aarch64__)
    return (vf)vcvt_f32_f16(vreinterpret_f16_u16((uint16x4_t)h));
#else
    vu bits = __builtin_convertvector(h, vu);
    vu magnitude = (bits & 0x7fffu) << 13;
    // A product with 2^112 changes the exponent's bias, also for denormals.
    vu scaled = (vu)((vf)magnitude * 0x1p112f);
    vu special = magnitude | 0x7f800000u; // infinity, or NaN with its payload
    vu quiet = (vu)((vi)(magnitude > 0x0f800000u)) & 0x00400000u;
    return (vf)(select_bits((vi)(magnitude >= 0x0f800000u), special | quiet, scaled) |
                ((bits & 0x8000u) << 16));
#endif
}

INLINE vh narrow_f16_lanes(vf v) {
#if LEVEL_AVX512
    return (vh)_mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT);
#elif LEVEL_AVX2
    return (vh)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__aarch64__)
    return (vh)vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)v));
#else
    vu bits = (vu)v & 0x7fffffffu;
    vu normal = (bits - (112u << 23) + 0xfffu + ((bits >> 13) & 1u)) >> 13;
    // Below 2^-14 an f16 is a multiple of 2^-24, the last place of floats in [1/2, 1), so adding 1/2 rounds
    // to these multiples.
    vu small = (vu)((vf)bits + 0.5f) - 0x3f000000u;
    vu half = select_bits((vi)(bits < 0x38800000u), small, normal);
    half = select_bits((vi)(bits >= 0x477ff000u), (vu){0} + 0x7c00u, half);
    half = select_bits((vi)(bits > 0x7f800000u), ((bits >> 13) & 0x3ffu) | 0x7e00u, half);
    return __builtin_convertvector(half | (((vu)v >> 16) & 0x8000u), vh);
#endif
}

INLINE size_t element_bytes(swiftlet_dtype dtype) {
    return dtype == SWIFTLET_F32 ? 4 : dtype == SWIFTLET_I8 ? 1 : 2;
}

// LANES elements at any address, widened. The dtype is a constant where this is inlined.
INLINE vf load_wide(swiftlet_dtype dtype, const char *p) {
    if (dtype == SWIFTLET_F32) {
        vf v;
        memcpy(&v, p, sizeof v);
        return v;
    }
    if (dtype == SWIFTLET_I8) {
        vb b;
        memcpy(&b, p, sizeof b);
        return __builtin_convertvector(__builtin_convertvector(b, vi), vf);
    }
    vh h;
    memcpy(&h, p, sizeof h);
    return dtype == SWIFTLET_F16 ? widen_f16_lanes(h) : widen_bf16_lanes(h);
}

// The first count < LANES elements at any address, widened; the other lanes are 0.
INLINE vf load_wide_part(swiftlet_dtype dtype, const char *p, size_t count) {
    if (dtype == SWIFTLET_F32) return load_part((const float *)p, count);
    if (dtype == SWIFTLET_I8) {
        vb b = {0};
        memcpy(&b, p, count);
        return __builtin_convertvector(__builtin_convertvector(b, vi), vf);
    }
    vh h = {0};
    memcpy(&h, p, count * sizeof(uint16_t));
    return dtype == SWIFTLET_F16 ? widen_f16_lanes(h) : widen_bf16_lanes(h);
}
