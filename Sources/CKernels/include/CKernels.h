#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>

#pragma clang assume_nonnull begin

// The inner loops of inference, compiled once for each vector width and chosen when the program runs.
//
// Images lie in memory as rows of pixels of channels (channels last); all counts and strides are in floats. The callers
// check every size: nothing here does.

/// A function applied to each element as it is written.
typedef enum ck_function {
    CK_IDENTITY = 0,
    CK_CLAMP,         ///< min(max(x, a), b)
    CK_LEAKY,         ///< x < 0 ? a * x : x
    CK_HARD_SIGMOID,  ///< min(max(a * x + b, 0), 1)
    CK_HARD_SWISH,    ///< x * min(max(x / 6 + 0.5, 0), 1)
    CK_SIGMOID,       ///< 1 / (1 + exp(-x))
    CK_SWISH,         ///< x / (1 + exp(-a * x))
    CK_TANH,          ///< tanh(x)
    CK_ELU,           ///< x < 0 ? a * (exp(x) - 1) : x
    CK_ERF,           ///< erf(x)
    CK_GELU,          ///< x / 2 * (1 + erf(x / sqrt(2)))
} ck_function;

typedef struct ck_activation {
    ck_function function;
    float a;
    float b;
} ck_activation;

/// A window sliding over one image.
typedef struct ck_window {
    long input_height, input_width;
    long output_height, output_width;
    long kernel_height, kernel_width;
    long stride_y, stride_x;
    long dilation_y, dilation_x;
    long padding_top, padding_left;
} ck_window;

/// A convolution of one image and one group.
typedef struct ck_convolution {
    ck_window window;
    const float *_Nullable input;
    /// From one pixel to the next.
    long input_stride;
    /// `depth` zeros: what lies outside the image.
    const float *_Nullable padding;
    /// Weights by panel of output channels, tap and input channel; the last panel is filled with zeros.
    const float *_Nullable panels;
    /// One for each channel of each panel.
    const float *_Nullable bias;
    /// Added before the activation, laid out like the output; or NULL.
    const float *_Nullable addend;
    float *_Nullable output;
    /// From one pixel to the next.
    long output_stride;
    /// Input channels.
    long depth;
    /// Output channels.
    long channels;
    ck_activation activation;
    /// Output pixels that each panel of weights meets before the next; whole tiles.
    long pixels_at_once;
    /// Room for `taps * pixels_at_once` pointers.
    const float *_Nullable *_Nullable pointers;
} ck_convolution;

/// A convolution of one image that keeps the channels apart, or a pooling.
typedef struct ck_filter {
    ck_window window;
    const float *_Nullable input;
    /// `channels` values: what lies outside the image.
    const float *_Nullable padding;
    /// By tap and channel; NULL for a pooling.
    const float *_Nullable weights;
    /// One for each channel; NULL for a pooling.
    const float *_Nullable bias;
    /// Average pooling: divisors by output row and column.
    const float *_Nullable row_counts, *_Nullable column_counts;
    float *_Nullable output;
    long channels;
    ck_activation activation;
    /// Room for `taps * CK_TILE_MAX` pointers.
    const float *_Nullable *_Nullable pointers;
} ck_filter;

/// A 3 x 3 convolution of one image with stride 1 in the Winograd domain F(4 x 4, 3 x 3).
typedef struct ck_winograd {
    ck_window window;
    const float *_Nullable input;
    /// 36 matrices, each by panel of output channels and input channel.
    const float *_Nullable panels;
    /// One for each channel of each panel.
    const float *_Nullable bias;
    /// As in `ck_convolution`.
    const float *_Nullable addend;
    float *_Nullable output;
    long depth;
    long channels;
    /// Tiles of 4 x 4 output pixels that share one pass over the weights.
    long tiles_at_once;
    /// Room for `36 * tiles_at_once * (depth + channels rounded up to panels)` floats.
    float *_Nullable scratch;
    ck_activation activation;
} ck_winograd;

typedef enum ck_binary { CK_ADD = 0, CK_SUBTRACT, CK_MULTIPLY, CK_DIVIDE, CK_MAXIMUM, CK_MINIMUM } ck_binary;

#define CK_TILE_MAX 12

/// The loops compiled for one kind of processor.
typedef struct ck_kernels {
    const char *name;
    long panel; ///< output channels in a panel of weights
    void (*_Nonnull convolve)(const ck_convolution *);
    void (*_Nonnull winograd)(const ck_winograd *);
    void (*_Nonnull depthwise)(const ck_filter *);
    void (*_Nonnull pool_maximum)(const ck_filter *);
    void (*_Nonnull pool_average)(const ck_filter *);
    /// The mean of each channel over `pixels` pixels.
    void (*_Nonnull mean)(const float *input, long pixels, long channels, float *output);
    /// output[i] = activation(input[i]); may run in place.
    void (*_Nonnull activate)(ck_activation, const float *input, float *output, long count);
    /// output[i] = function(a[i * stride_a], b[i * stride_b]) with strides 0 or 1; may run in place.
    void (*_Nonnull combine)(
        ck_binary, const float *a, long stride_a, const float *b, long stride_b, float *output, long count);
    /// output[i] = activation(input[i] * scale[i * stride] + shift[i * stride]) with stride 0 or 1.
    void (*_Nonnull scale_shift)(
        const float *input, const float *scale, const float *shift, long stride, ck_activation, float *output,
        long count);
    /// output[column][row] = input[row][column], with the distance between rows of each.
    void (*_Nonnull transpose)(
        const float *input, long input_stride, long rows, long columns, float *output, long output_stride);
} ck_kernels;

/// Weights of up to one panel of output channels to the order `ck_convolution` reads: by tap, input channel, lane.
///
/// Each output channel is multiplied by its `scale`; lanes without a channel become zero.
void ck_pack_panel(
    const float *weights, const float *scale, long channels, long taps, long depth, long channel_stride,
    long depth_stride, long tap_stride, long panel, float *output);

/// Panels of a 3 x 3 convolution to those of `ck_winograd`; `channels` are whole panels.
void ck_pack_winograd(const float *panels, long channels, long depth, long panel, float *output);

/// The widest kernels this processor runs.
const ck_kernels *ck_best(void);

/// All kernels this processor runs, widest first, and how many they are: for tests.
const ck_kernels *_Nonnull const *_Nonnull ck_all(long *_Nonnull count);

#pragma clang assume_nonnull end

#endif
