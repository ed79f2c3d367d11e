// All loops for one vector width; the including file says LANES, TILE, NAME and KERNELS.

#include "../include/CKernels.h"

#include "vector.h"

#include "elementwise.h"

#include "window.h"

#include "convolve.h"

#include "filter.h"

#include "winograd.h"

const ck_kernels KERNELS = {
    .name = NAME,
    .panel = PANEL,
    .convolve = convolve,
    .winograd = winograd,
    .depthwise = depthwise,
    .pool_maximum = pool_maximum,
    .pool_average = pool_average,
    .mean = mean,
    .activate = activate,
    .combine = combine,
    .scale_shift = scale_shift,
    .transpose = transpose,
};
