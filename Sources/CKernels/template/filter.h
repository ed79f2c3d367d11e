// Depthwise convolutions and poolings: every channel for itself, so vectors run along the channels.

#define FILTER_TILE 4

#define FOR_TILES(f) \
    for (long pixel = 0, pixels = (f)->window.output_height * (f)->window.output_width; pixel < pixels; \
         pixel += FILTER_TILE)

/// P pixels and V vectors of channels from `channel` on, of which the last has `lanes` lanes.
INLINE void depthwise_vectors(
    const int P, const int V, const ck_filter *f, long taps, long channel, long lanes, float *output) {
    vec sums[FILTER_TILE][4];
    UNROLL for (int v = 0; v < V; v++) {
        vec start = load_up_to(f->bias + channel + v * LANES, v < V - 1 ? LANES : lanes);
        UNROLL for (int p = 0; p < P; p++) sums[p][v] = start;
    }
    const float *weights = f->weights + channel;
    const float *const *rows = f->pointers;
    for (long tap = 0; tap < taps; tap++, rows += P, weights += f->channels) {
        vec w[4];
        UNROLL for (int v = 0; v < V; v++) w[v] = load_up_to(weights + v * LANES, v < V - 1 ? LANES : lanes);
        UNROLL for (int p = 0; p < P; p++) {
            const float *row = rows[p] + channel;
            UNROLL for (int v = 0; v < V; v++)
                sums[p][v] += load_up_to(row + v * LANES, v < V - 1 ? LANES : lanes) * w[v];
        }
    }
    vec low = all(f->activation.a), high = all(f->activation.b);
    bool clamps = f->activation.function == CK_CLAMP;
    UNROLL for (int p = 0; p < P; p++) {
        UNROLL for (int v = 0; v < V; v++) {
            vec x = clamps ? at_most(at_least(sums[p][v], low), high) : sums[p][v];
            store_up_to(output + p * f->channels + v * LANES, x, v < V - 1 ? LANES : lanes);
        }
    }
}

INLINE void depthwise_tile(const int P, const ck_filter *f, long taps, float *output) {
    long c = 0;
    for (; c + 4 * LANES <= f->channels; c += 4 * LANES) depthwise_vectors(P, 4, f, taps, c, LANES, output + c);
    if (c + 2 * LANES <= f->channels) {
        depthwise_vectors(P, 2, f, taps, c, LANES, output + c);
        c += 2 * LANES;
    }
    for (; c + LANES <= f->channels; c += LANES) depthwise_vectors(P, 1, f, taps, c, LANES, output + c);
    if (c < f->channels) depthwise_vectors(P, 1, f, taps, c, f->channels - c, output + c);
    if (f->activation.function != CK_CLAMP && f->activation.function != CK_IDENTITY)
        activate(f->activation, output, output, P * f->channels);
}

/// FILTER_TILE neighbouring pixels of one output row: each column of the input is loaded once for all windows it is in.
INLINE void depthwise_columns(
    const int K, const int S, const int V, const ck_filter *f, const float *const *columns, long channel, long lanes,
    float *output) {
    const int count = (FILTER_TILE - 1) * S + K;
    vec sums[FILTER_TILE][2];
    UNROLL for (int v = 0; v < V; v++) {
        vec start = load_up_to(f->bias + channel + v * LANES, lanes);
        UNROLL for (int p = 0; p < FILTER_TILE; p++) sums[p][v] = start;
    }
    const float *weights = f->weights + channel;
    for (long y = 0; y < f->window.kernel_height; y++, columns += count, weights += K * f->channels) {
        vec w[5][2];
        UNROLL for (int k = 0; k < K; k++)
            UNROLL for (int v = 0; v < V; v++) w[k][v] = load_up_to(weights + k * f->channels + v * LANES, lanes);
        UNROLL for (int j = 0; j < count; j++) {
            UNROLL for (int v = 0; v < V; v++) {
                vec x = load_up_to(columns[j] + channel + v * LANES, lanes);
                UNROLL for (int p = 0; p < FILTER_TILE; p++)
                    if (j >= p * S && j < p * S + K) sums[p][v] += x * w[j - p * S][v];
            }
        }
    }
    vec low = all(f->activation.a), high = all(f->activation.b);
    bool clamps = f->activation.function == CK_CLAMP;
    UNROLL for (int p = 0; p < FILTER_TILE; p++) {
        UNROLL for (int v = 0; v < V; v++) {
            vec x = clamps ? at_most(at_least(sums[p][v], low), high) : sums[p][v];
            store_up_to(output + p * f->channels + v * LANES, x, lanes);
        }
    }
}

/// Rows of at least FILTER_TILE output pixels; the last tile of a row begins early where the row is no multiple.
INLINE void depthwise_rows(const int K, const int S, const ck_filter *f) {
    const ck_window *w = &f->window;
    const int count = (FILTER_TILE - 1) * S + K;
    for (long oy = 0; oy < w->output_height; oy++) {
        for (long x = 0; x < w->output_width; x += FILTER_TILE) {
            long ox = x + FILTER_TILE <= w->output_width ? x : w->output_width - FILTER_TILE;
            for (long ky = 0; ky < w->kernel_height; ky++) {
                long iy = oy * S + ky - w->padding_top, ix = ox * S - w->padding_left;
                bool inside = iy >= 0 && iy < w->input_height;
                const float *row = f->input + iy * w->input_width * f->channels;
                for (int j = 0; j < count; j++)
                    f->pointers[ky * count + j] =
                        inside && ix + j >= 0 && ix + j < w->input_width ? row + (ix + j) * f->channels : f->padding;
            }
            float *output = f->output + (oy * w->output_width + ox) * f->channels;
            long c = 0;
            for (; c + 2 * LANES <= f->channels; c += 2 * LANES)
                depthwise_columns(K, S, 2, f, f->pointers, c, LANES, output + c);
            for (; c < f->channels; c += LANES)
                depthwise_columns(K, S, 1, f, f->pointers, c, lanes_left(c, f->channels), output + c);
            if (f->activation.function != CK_CLAMP && f->activation.function != CK_IDENTITY)
                activate(f->activation, output, output, FILTER_TILE * f->channels);
        }
    }
}

static void depthwise(const ck_filter *f) {
    const ck_window *w = &f->window;
    bool even = w->stride_x == w->stride_y && w->dilation_x == 1 && w->dilation_y == 1;
    if (even && w->output_width >= FILTER_TILE) {
        if (w->kernel_width == 3 && w->stride_x == 1) return depthwise_rows(3, 1, f);
        if (w->kernel_width == 3 && w->stride_x == 2) return depthwise_rows(3, 2, f);
        if (w->kernel_width == 5 && w->stride_x == 1) return depthwise_rows(5, 1, f);
        if (w->kernel_width == 5 && w->stride_x == 2) return depthwise_rows(5, 2, f);
    }
    long taps = w->kernel_height * w->kernel_width;
    FOR_TILES(f) {
        float *output = f->output + pixel * f->channels;
        int count = pixels - pixel < FILTER_TILE ? (int)(pixels - pixel) : FILTER_TILE;
        look(&f->window, f->input, f->channels, f->padding, pixel, count, f->pointers);
        switch (count) {
        case 4: depthwise_tile(4, f, taps, output); break;
        case 3: depthwise_tile(3, f, taps, output); break;
        case 2: depthwise_tile(2, f, taps, output); break;
        default: depthwise_tile(1, f, taps, output); break;
        }
    }
}

INLINE void pool_by(const bool average, const ck_filter *f) {
    long taps = f->window.kernel_height * f->window.kernel_width, width = f->window.output_width;
    FOR_TILES(f) {
        int count = pixels - pixel < FILTER_TILE ? (int)(pixels - pixel) : FILTER_TILE;
        look(&f->window, f->input, f->channels, f->padding, pixel, count, f->pointers);
        for (int p = 0; p < count; p++) {
            float *output = f->output + (pixel + p) * f->channels;
            const float *const *rows = f->pointers + p;
            float divisor = 1;
            if (average) divisor = f->row_counts[(pixel + p) / width] * f->column_counts[(pixel + p) % width];
            for (long c = 0; c < f->channels; c += LANES) {
                long lanes = lanes_left(c, f->channels);
                vec x = load_up_to(rows[0] + c, lanes);
                for (long tap = 1; tap < taps; tap++) {
                    vec y = load_up_to(rows[tap * count] + c, lanes);
                    x = average ? x + y : at_least(x, y);
                }
                store_up_to(output + c, average ? x / divisor : x, lanes);
            }
        }
    }
}

static void pool_maximum(const ck_filter *f) { pool_by(false, f); }
static void pool_average(const ck_filter *f) { pool_by(true, f); }
