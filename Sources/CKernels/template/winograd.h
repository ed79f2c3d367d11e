// Winograd's minimal filtering F(4 x 4, 3 x 3), Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2015: a tile of 4 x 4 outputs costs 36 products of a weight and an input instead of 144. Channels are vector lanes.

/// B^T d: one line of six inputs to the six values that are multiplied.
INLINE void transform_input(const vec d[6], vec t[6]) {
    vec a = d[4] - 4.0f * d[2], b = d[3] - 4.0f * d[1], c = d[4] - d[2], e = 2.0f * (d[3] - d[1]);
    t[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

/// A^T m: one line of six products to four outputs.
INLINE void transform_output(const vec m[6], vec y[4]) {
    vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + 2.0f * d;
    y[2] = a + 4.0f * c;
    y[3] = b + 8.0f * d + m[5];
}

/// The 6 x 6 inputs of one tile, from input row `y`, column `x` on, to 36 values `distance` apart.
static void gather_tile(const ck_winograd *w, long y, long x, float *values, long distance) {
    const ck_window *g = &w->window;
    for (long c = 0; c < w->depth; c += LANES) {
        long lanes = lanes_left(c, w->depth);
        vec lines[6][6];
        for (int i = 0; i < 6; i++) {
            vec d[6], t[6];
            for (int j = 0; j < 6; j++) {
                bool inside = y + i >= 0 && y + i < g->input_height && x + j >= 0 && x + j < g->input_width;
                const float *from = w->input + ((y + i) * g->input_width + x + j) * w->depth + c;
                d[j] = inside ? load_up_to(from, lanes) : (vec){};
            }
            transform_input(d, t);
            UNROLL for (int j = 0; j < 6; j++) lines[j][i] = t[j];
        }
        UNROLL for (int j = 0; j < 6; j++) {
            vec t[6];
            transform_input(lines[j], t);
            UNROLL for (int i = 0; i < 6; i++) store_up_to(values + (i * 6 + j) * distance + c, t[i], lanes);
        }
    }
}

/// 36 products `distance` apart to the 4 x 4 outputs of one tile, from output row `y`, column `x` on.
static void scatter_tile(const ck_winograd *w, long y, long x, const float *products, long distance) {
    const ck_window *g = &w->window;
    vec low = all(w->activation.a), high = all(w->activation.b);
    bool clamps = w->activation.function == CK_CLAMP;
    long rows = g->output_height - y < 4 ? g->output_height - y : 4;
    long columns = g->output_width - x < 4 ? g->output_width - x : 4;
    for (long c = 0; c < w->channels; c += LANES) {
        long lanes = lanes_left(c, w->channels);
        vec lines[4][6], bias = load(w->bias + c);
        UNROLL for (int j = 0; j < 6; j++) {
            vec m[6], t[4];
            UNROLL for (int i = 0; i < 6; i++) m[i] = load(products + (i * 6 + j) * distance + c);
            transform_output(m, t);
            UNROLL for (int i = 0; i < 4; i++) lines[i][j] = t[i];
        }
        for (long i = 0; i < rows; i++) {
            vec t[4];
            transform_output(lines[i], t);
            for (long j = 0; j < columns; j++) {
                long at = ((y + i) * g->output_width + x + j) * w->channels + c;
                vec value = t[j] + bias;
                if (w->addend) value += load_up_to(w->addend + at, lanes);
                if (clamps) value = at_most(at_least(value, low), high);
                store_up_to(w->output + at, value, lanes);
            }
        }
    }
    if (clamps || w->activation.function == CK_IDENTITY) return;
    for (long i = 0; i < rows; i++) {
        float *line = w->output + ((y + i) * g->output_width + x) * w->channels;
        activate(w->activation, line, line, columns * w->channels);
    }
}

INLINE void multiply_tile(
    const int P, const float *values, long depth, const float *weights, float *products, long stride) {
    const float *rows[TILE];
    UNROLL for (int p = 0; p < P; p++) rows[p] = values + p * depth;
    vec sums[TILE][2];
    sum_tile(P, 2, rows, 1, depth, weights, weights + PANEL * depth, 0, sums);
    UNROLL for (int p = 0; p < P; p++)
        UNROLL for (int v = 0; v < 2; v++) store(products + p * stride + v * LANES, sums[p][v]);
}

static void multiply(
    const float *values, long count, long depth, const float *panels, long channels, float *products) {
    for (long channel = 0; channel < channels; channel += PANEL) {
        const float *weights = panels + channel * depth;
        long p = 0;
        for (; p + TILE <= count; p += TILE)
            multiply_tile(TILE, values + p * depth, depth, weights, products + p * channels + channel, channels);
        for (; p + TILE / 2 <= count; p += TILE / 2)
            multiply_tile(TILE / 2, values + p * depth, depth, weights, products + p * channels + channel, channels);
        for (; p < count; p++)
            multiply_tile(1, values + p * depth, depth, weights, products + p * channels + channel, channels);
    }
}

static void winograd(const ck_winograd *w) {
    long columns = (w->window.output_width + 3) / 4;
    long tiles = (w->window.output_height + 3) / 4 * columns;
    long channels = (w->channels + PANEL - 1) / PANEL * PANEL;
    float *values = w->scratch, *products = w->scratch + 36 * w->tiles_at_once * w->depth;
    for (long first = 0; first < tiles; first += w->tiles_at_once) {
        long count = tiles - first < w->tiles_at_once ? tiles - first : w->tiles_at_once;
        for (long t = 0; t < count; t++) {
            long y = (first + t) / columns * 4, x = (first + t) % columns * 4;
            gather_tile(
                w, y - w->window.padding_top, x - w->window.padding_left, values + t * w->depth, count * w->depth);
        }
        for (int i = 0; i < 36; i++)
            multiply(
                values + i * count * w->depth, count, w->depth, w->panels + i * channels * w->depth, channels,
                products + i * count * channels);
        for (long t = 0; t < count; t++) {
            long y = (first + t) / columns * 4, x = (first + t) % columns * 4;
            scatter_tile(w, y, x, products + t * channels, count * channels);
        }
    }
}
