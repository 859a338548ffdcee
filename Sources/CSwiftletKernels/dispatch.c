// Selects the level: the highest that processor and operating system support, unless a test forces another.
#include "levels.h"

_Atomic int swiftlet_chosen_level = -1;

swiftlet_level swiftlet_best_level(void) {
#if SWIFTLET_X86
    __builtin_cpu_init();
    // These also check (XGETBV) that the operating system saves the wide registers.
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
        return SWIFTLET_LEVEL_PORTABLE;
#if defined(SWIFTLET_EMULATE_AVX512)
    return SWIFTLET_LEVEL_AVX512_BF16;
#endif
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return SWIFTLET_LEVEL_AVX2;
    return __builtin_cpu_supports("avx512bf16") ? SWIFTLET_LEVEL_AVX512_BF16 : SWIFTLET_LEVEL_AVX512;
#else
    return SWIFTLET_LEVEL_PORTABLE;
#endif
}

int swiftlet_choose_level(void) {
    int undecided = -1;
    // Only if still undecided: a level that another thread has just forced is kept.
    atomic_compare_exchange_strong(&swiftlet_chosen_level, &undecided, (int)swiftlet_best_level());
    return atomic_load(&swiftlet_chosen_level);
}

swiftlet_level swiftlet_level_in_use(void) { return (swiftlet_level)swiftlet_level_now(); }

swiftlet_level swiftlet_force_level(swiftlet_level level) {
    swiftlet_level best = swiftlet_best_level();
    if (level > best) level = best;
    atomic_store(&swiftlet_chosen_level, (int)level);
    return level;
}
