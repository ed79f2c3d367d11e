// Vectors of 4 floats, which every processor has: 16 registers on x86 without AVX2, 32 on ARM.
#define LANES 4
#if defined(__aarch64__)
#define TILE 12
#define NAME "NEON"
#else
#define TILE 6
#define NAME "SSE"
#endif
#define KERNELS ck_portable
#include "template/kernels.h"
