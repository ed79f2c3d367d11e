#include "include/CKernels.h"

extern const ck_kernels ck_portable;

#if defined(__x86_64__)
extern const ck_kernels ck_avx512, ck_avx2;

static const ck_kernels *const kernels[] = {&ck_avx512, &ck_avx2, &ck_portable};

const ck_kernels *const *ck_all(long *count) {
    __builtin_cpu_init();
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    int first = has_avx512 ? 0 : has_avx2 ? 1 : 2;
    *count = 3 - first;
    return kernels + first;
}
#else
static const ck_kernels *const kernels[] = {&ck_portable};

const ck_kernels *const *ck_all(long *count) {
    *count = 1;
    return kernels;
}
#endif

const ck_kernels *ck_best(void) {
    long count;
    return ck_all(&count)[0];
}
