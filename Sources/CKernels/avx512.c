// 32 registers of 16 floats: 24 sums, 2 vectors of weights and the input.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define LANES 16
#define TILE 12
#define NAME "AVX-512"
#define KERNELS ck_avx512
#include "template/kernels.h"
#pragma clang attribute pop
#endif
