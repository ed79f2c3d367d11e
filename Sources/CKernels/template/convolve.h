// Convolution as matrix products over pointers: TILE pixels by one panel of two vectors of output channels are kept in
// registers while all taps and input channels pass by.

#define PANEL (2 * LANES)

/// Sums for P pixels and V vectors of a panel; `rows` are tap by tap, `weights` PANEL apart.
///
/// Each step fetches one more cache line from `ahead` on: weights that will be needed next come from memory meanwhile.
/// That may run past the end of them, which fetching ahead never minds.
INLINE void sum_tile(
    const int P, const int V, const float *const *rows, long taps, long depth, const float *weights,
    const float *ahead, const float *bias, vec sums[TILE][2]) {
    UNROLL for (int v = 0; v < V; v++) {
        vec start = bias ? load(bias + v * LANES) : (vec){};
        UNROLL for (int p = 0; p < P; p++) sums[p][v] = start;
    }
    for (long tap = 0; tap < taps; tap++, rows += P) {
        const float *row[TILE];
        UNROLL for (int p = 0; p < P; p++) row[p] = rows[p];
        for (long k = 0; k < depth; k++, weights += PANEL, ahead += 16) {
            __builtin_prefetch(ahead, 0, 2);
            vec w[2];
            UNROLL for (int v = 0; v < V; v++) w[v] = load(weights + v * LANES);
            UNROLL for (int p = 0; p < P; p++) {
                vec x = all(row[p][k]);
                UNROLL for (int v = 0; v < V; v++) sums[p][v] += x * w[v];
            }
        }
    }
}

/// One tile from its pointers to its output, of which `channels` (at most V * LANES) are written.
INLINE void tile(
    const int P, const int V, const ck_convolution *c, const float *const *rows, const float *weights,
    const float *ahead, const float *bias, const float *addend, float *output, long channels) {
    vec sums[TILE][2];
    sum_tile(P, V, rows, c->window.kernel_height * c->window.kernel_width, c->depth, weights, ahead, bias, sums);
    vec low = all(c->activation.a), high = all(c->activation.b);
    bool clamps = c->activation.function == CK_CLAMP;
    bool whole = channels == V * LANES;
    UNROLL for (int p = 0; p < P; p++) {
        UNROLL for (int v = 0; v < V; v++) {
            long at = p * c->output_stride + v * LANES, lanes = whole ? LANES : lanes_left(v * LANES, channels);
            vec x = sums[p][v];
            if (addend) x += load_up_to(addend + at, lanes);
            if (clamps) x = at_most(at_least(x, low), high);
            store_up_to(output + at, x, lanes);
        }
    }
    if (!clamps && c->activation.function != CK_IDENTITY)
        for (int p = 0; p < P; p++)
            activate(c->activation, output + p * c->output_stride, output + p * c->output_stride, channels);
}

#define TILE_PARAMETERS \
    const ck_convolution *c, const float *const *rows, const float *weights, const float *ahead, const float *bias, \
        const float *addend, float *output, long channels

typedef void tile_function(TILE_PARAMETERS);

#define DEFINE_TILE(P) \
    static void tile_##P##_1(TILE_PARAMETERS) { tile(P, 1, c, rows, weights, ahead, bias, addend, output, channels); } \
    static void tile_##P##_2(TILE_PARAMETERS) { tile(P, 2, c, rows, weights, ahead, bias, addend, output, channels); }
DEFINE_TILE(1)
DEFINE_TILE(2)
DEFINE_TILE(3)
DEFINE_TILE(4)
DEFINE_TILE(5)
DEFINE_TILE(6)
#if TILE == 12
DEFINE_TILE(7)
DEFINE_TILE(8)
DEFINE_TILE(9)
DEFINE_TILE(10)
DEFINE_TILE(11)
DEFINE_TILE(12)
#endif

static tile_function *const tiles[][2] = {
    {0, 0}, {tile_1_1, tile_1_2}, {tile_2_1, tile_2_2}, {tile_3_1, tile_3_2}, {tile_4_1, tile_4_2},
    {tile_5_1, tile_5_2}, {tile_6_1, tile_6_2},
#if TILE == 12
    {tile_7_1, tile_7_2}, {tile_8_1, tile_8_2}, {tile_9_1, tile_9_2}, {tile_10_1, tile_10_2}, {tile_11_1, tile_11_2},
    {tile_12_1, tile_12_2},
#endif
};

static void convolve(const ck_convolution *c) {
    const ck_window *w = &c->window;
    long pixels = w->output_height * w->output_width, taps = w->kernel_height * w->kernel_width;
    long block = c->pixels_at_once / TILE * TILE;
    for (long from = 0; from < pixels; from += block) {
        long to = from + block < pixels ? from + block : pixels;
        for (long pixel = from; pixel < to; pixel += TILE) {
            int count = to - pixel < TILE ? (int)(to - pixel) : TILE;
            look(w, c->input, c->input_stride, c->padding, pixel, count, c->pointers + (pixel - from) * taps);
        }
        for (long channel = 0; channel < c->channels; channel += PANEL) {
            const float *weights = c->panels + channel * taps * c->depth;
            long channels = c->channels - channel < PANEL ? c->channels - channel : PANEL;
            long next = channel + PANEL < c->channels ? PANEL : -channel;
            for (long pixel = from; pixel < to; pixel += TILE) {
                int count = to - pixel < TILE ? (int)(to - pixel) : TILE;
                long at = pixel * c->output_stride + channel;
                // One tile fetches the first half of the next panel, another the second; the others find it there.
                const float *ahead = weights + (next + (pixel - from == TILE ? 16 : 0)) * taps * c->depth;
                tiles[count][channels > LANES](
                    c, c->pointers + (pixel - from) * taps, weights, ahead, c->bias + channel,
                    c->addend ? c->addend + at : 0, c->output + at, channels);
            }
        }
    }
}
