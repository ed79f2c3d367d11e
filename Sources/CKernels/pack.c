#include "include/CKernels.h"

void ck_pack_panel(
    const float *weights, const float *scale, long channels, long taps, long depth, long channel_stride,
    long depth_stride, long tap_stride, long panel, float *output) {
    for (long i = 0; i < taps * depth * panel; i++) output[i] = 0;
    for (long channel = 0; channel < channels; channel++) {
        const float *from = weights + channel * channel_stride;
        for (long k = 0; k < depth; k++) {
            for (long tap = 0; tap < taps; tap++) {
                float weight = from[k * depth_stride + tap * tap_stride];
                output[(tap * depth + k) * panel + channel] = weight * scale[channel];
            }
        }
    }
}

/// G w: three weights to six values, Lavin and Gray 2015, section 4.1.
static void transform(const float w[3], float t[6]) {
    float even = (w[0] + w[2]) * (1 / 6.0f), odd = w[1] * (1 / 6.0f);
    float far = w[0] * (1 / 24.0f) + w[2] * (1 / 6.0f), near = w[1] * (1 / 12.0f);
    t[0] = w[0] * 0.25f;
    t[1] = -even - odd;
    t[2] = odd - even;
    t[3] = far + near;
    t[4] = far - near;
    t[5] = w[2];
}

void ck_pack_winograd(const float *panels, long channels, long depth, long panel, float *output) {
    for (long first = 0; first < channels; first += panel) {
        for (long k = 0; k < depth; k++) {
            for (long lane = 0; lane < panel; lane++) {
                const float *from = panels + first * 9 * depth + k * panel + lane;
                float lines[3][6], column[3], t[6];
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 3; j++) column[j] = from[(i * 3 + j) * depth * panel];
                    transform(column, lines[i]);
                }
                for (int j = 0; j < 6; j++) {
                    for (int i = 0; i < 3; i++) column[i] = lines[i][j];
                    transform(column, t);
                    for (int i = 0; i < 6; i++)
                        output[((i * 6 + j) * channels + first) * depth + k * panel + lane] = t[i];
                }
            }
        }
    }
}
