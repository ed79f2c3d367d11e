// 16 registers of 8 floats: 12 sums, 2 vectors of weights and the input.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE 6
#define NAME "AVX2"
#define KERNELS ck_avx2
#include "template/kernels.h"
#pragma clang attribute pop
#endif
