// Element by element.

INLINE void activate_by(const ck_function function, float a, float b, const float *input, float *output, long count) {
    vec va = all(a), vb = all(b);
    for (long i = 0; i < count; i += LANES) {
        long lanes = lanes_left(i, count);
        store_up_to(output + i, apply(function, load_up_to(input + i, lanes), va, vb), lanes);
    }
}

static void activate(ck_activation f, const float *input, float *output, long count) {
#define CASE(NAME) \
    case NAME: activate_by(NAME, f.a, f.b, input, output, count); break;
    switch (f.function) {
        CASE(CK_IDENTITY)
        CASE(CK_CLAMP)
        CASE(CK_LEAKY)
        CASE(CK_HARD_SIGMOID)
        CASE(CK_HARD_SWISH)
        CASE(CK_SIGMOID)
        CASE(CK_SWISH)
        CASE(CK_TANH)
        CASE(CK_ELU)
        CASE(CK_ERF)
        CASE(CK_GELU)
    }
#undef CASE
}

INLINE vec combined(const ck_binary function, vec a, vec b) {
    switch (function) {
    case CK_ADD: return a + b;
    case CK_SUBTRACT: return a - b;
    case CK_MULTIPLY: return a * b;
    case CK_DIVIDE: return a / b;
    case CK_MAXIMUM: return at_least(a, b);
    case CK_MINIMUM: return at_most(a, b);
    }
    return a;
}

INLINE void combine_by(
    const ck_binary function, const float *a, long stride_a, const float *b, long stride_b, float *output, long count) {
    vec same_a = all(*a), same_b = all(*b);
    for (long i = 0; i < count; i += LANES) {
        long lanes = lanes_left(i, count);
        vec x = stride_a ? load_up_to(a + i, lanes) : same_a, y = stride_b ? load_up_to(b + i, lanes) : same_b;
        store_up_to(output + i, combined(function, x, y), lanes);
    }
}

static void combine(
    ck_binary f, const float *a, long stride_a, const float *b, long stride_b, float *output, long count) {
#define CASE(NAME) \
    case NAME: combine_by(NAME, a, stride_a, b, stride_b, output, count); break;
    switch (f) {
        CASE(CK_ADD)
        CASE(CK_SUBTRACT)
        CASE(CK_MULTIPLY)
        CASE(CK_DIVIDE)
        CASE(CK_MAXIMUM)
        CASE(CK_MINIMUM)
    }
#undef CASE
}

static void scale_shift(
    const float *input, const float *scale, const float *shift, long stride, ck_activation f, float *output,
    long count) {
    for (long i = 0; i < count; i += LANES) {
        long lanes = lanes_left(i, count);
        vec s = stride ? load_up_to(scale + i, lanes) : all(*scale);
        vec t = stride ? load_up_to(shift + i, lanes) : all(*shift);
        store_up_to(output + i, load_up_to(input + i, lanes) * s + t, lanes);
    }
    if (f.function != CK_IDENTITY) activate(f, output, output, count);
}

static void mean(const float *input, long pixels, long channels, float *output) {
    for (long c = 0; c < channels; c += LANES) {
        long lanes = lanes_left(c, channels);
        // Four sums: one alone would wait for itself.
        vec sums[4] = {};
        long p = 0;
        for (; p + 4 <= pixels; p += 4)
            UNROLL for (int i = 0; i < 4; i++) sums[i] += load_up_to(input + (p + i) * channels + c, lanes);
        for (; p < pixels; p++) sums[0] += load_up_to(input + p * channels + c, lanes);
        store_up_to(output + c, (sums[0] + sums[1] + (sums[2] + sums[3])) / (float)pixels, lanes);
    }
}

static void transpose(
    const float *input, long input_stride, long rows, long columns, float *output, long output_stride) {
    if (rows == 3 && output_stride == 3) {
        // A picture's three planes: a loop that the compiler makes of shuffles.
        const float *restrict red = input, *restrict green = red + input_stride, *restrict blue = green + input_stride;
        float *restrict to = output;
        for (long c = 0; c < columns; c++) {
            to[3 * c] = red[c];
            to[3 * c + 1] = green[c];
            to[3 * c + 2] = blue[c];
        }
        return;
    }
    // In squares, so that the lines written to stay in the first-level cache.
    for (long r0 = 0; r0 < rows; r0 += 16) {
        long r1 = r0 + 16 < rows ? r0 + 16 : rows;
        for (long c0 = 0; c0 < columns; c0 += 16) {
            long c1 = c0 + 16 < columns ? c0 + 16 : columns;
            for (long c = c0; c < c1; c++)
                for (long r = r0; r < r1; r++) output[c * output_stride + r] = input[r * input_stride + c];
        }
    }
}
