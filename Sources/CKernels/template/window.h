// What each tap of a window sees: a table of pointers, so that the arithmetic knows nothing of padding, stride and
// dilation. (The idea is Dukhan's "The Indirect Convolution Algorithm", 2019.)

/// For `count` output pixels from `first` on: pointers[tap * count + pixel] to the first channel under that tap.
INLINE void look(
    const ck_window *w, const float *input, long stride, const float *padding, long first, int count,
    const float **pointers) {
    long oy = first / w->output_width, ox = first % w->output_width;
    long reach_y = (w->kernel_height - 1) * w->dilation_y, reach_x = (w->kernel_width - 1) * w->dilation_x;
    for (int p = 0; p < count; p++) {
        long iy = oy * w->stride_y - w->padding_top, ix = ox * w->stride_x - w->padding_left;
        const float **slot = pointers + p;
        if (iy >= 0 && ix >= 0 && iy + reach_y < w->input_height && ix + reach_x < w->input_width) {
            const float *row = input + (iy * w->input_width + ix) * stride;
            for (long ky = 0; ky < w->kernel_height; ky++, row += w->dilation_y * w->input_width * stride) {
                const float *pixel = row;
                for (long kx = 0; kx < w->kernel_width; kx++, pixel += w->dilation_x * stride, slot += count)
                    *slot = pixel;
            }
        } else {
            for (long ky = 0; ky < w->kernel_height; ky++) {
                long y = iy + ky * w->dilation_y;
                bool in_rows = y >= 0 && y < w->input_height;
                for (long kx = 0; kx < w->kernel_width; kx++, slot += count) {
                    long x = ix + kx * w->dilation_x;
                    *slot = in_rows && x >= 0 && x < w->input_width ? input + (y * w->input_width + x) * stride
                                                                    : padding;
                }
            }
        }
        if (++ox == w->output_width) {
            ox = 0;
            oy++;
        }
    }
}
