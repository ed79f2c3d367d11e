// A vector of LANES floats and its arithmetic. No alignment is assumed: tensors come in any size.

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int ivec __attribute__((vector_size(4 * LANES), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE vec load(const float *from) { return *(const vec *)from; }
INLINE void store(float *to, vec value) { *(vec *)to = value; }
INLINE vec all(float value) { return value - (vec){}; }

// The rest of a line goes through whole vectors too: every element is computed in the same way, wherever it is.
#if LANES == 16
INLINE vec load_some(const float *from, long count) { return _mm512_maskz_loadu_ps((1 << count) - 1, from); }
INLINE void store_some(float *to, vec value, long count) { _mm512_mask_storeu_ps(to, (1 << count) - 1, value); }
#elif LANES == 8
INLINE __m256i first(long count) { return (__m256i)((ivec){0, 1, 2, 3, 4, 5, 6, 7} < (int)count); }
INLINE vec load_some(const float *from, long count) { return _mm256_maskload_ps(from, first(count)); }
INLINE void store_some(float *to, vec value, long count) { _mm256_maskstore_ps(to, first(count), value); }
#else
INLINE vec load_some(const float *from, long count) {
    vec value = {};
    for (long i = 0; i < count; i++) value[i] = from[i];
    return value;
}

INLINE void store_some(float *to, vec value, long count) {
    for (long i = 0; i < count; i++) to[i] = value[i];
}
#endif

/// How many of a vector's lanes are left from `at` on.
INLINE long lanes_left(long at, long count) { return count - at < LANES ? count - at : LANES; }
INLINE vec load_up_to(const float *from, long lanes) { return lanes == LANES ? load(from) : load_some(from, lanes); }
INLINE void store_up_to(float *to, vec value, long lanes) {
    if (lanes == LANES)
        store(to, value);
    else
        store_some(to, value, lanes);
}

INLINE vec choose(ivec condition, vec yes, vec no) { return (vec)(((ivec)yes & condition) | ((ivec)no & ~condition)); }

// In this order a number that is none stays none, as the compared value is the one returned.
INLINE vec at_least(vec x, vec low) { return choose(low > x, low, x); }
INLINE vec at_most(vec x, vec high) { return choose(high < x, high, x); }

/// exp(x) to about 2 units in the last place: Cephes' expf, the argument kept where the result is a normal number.
INLINE vec exponential(vec x) {
    x = at_most(at_least(x, all(-87.3f)), all(88.3f));
    vec scaled = x * 1.44269504f;
    // Adding and taking away 1.5 * 2^23 rounds to the nearest integer.
    vec rounded = (scaled + 12582912.0f) - 12582912.0f;
    vec r = x - rounded * 0.693359375f + rounded * 2.12194440e-4f;
    vec p = all(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    // A number that is none converts to anything, but then p is none too.
    ivec exponent = __builtin_convertvector(rounded, ivec) + 127;
    return p * (vec)(exponent << 23);
}

INLINE vec sigmoid(vec x) { return 1.0f / (1.0f + exponential(-x)); }

/// erf(x) within 1.5e-7: Abramowitz and Stegun, formula 7.1.26.
INLINE vec error_function(vec x) {
    vec size = choose(x < 0, -x, x);
    vec t = 1.0f / (1.0f + 0.3275911f * size);
    vec p = all(1.061405429f);
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    vec value = 1.0f - p * t * exponential(-size * size);
    return choose(x < 0, -value, value);
}

/// tanh(x): near zero its series, as 1 - 2 / (1 + exp(2x)) loses digits there.
INLINE vec hyperbolic_tangent(vec x) {
    vec s = x * x;
    vec series = x * (1.0f - s * (1.0f / 3.0f - s * (2.0f / 15.0f)));
    vec value = 1.0f - 2.0f / (1.0f + exponential(2.0f * x));
    return choose(s < 0.01f, series, value);
}

INLINE vec apply(const ck_function function, vec x, vec a, vec b) {
    switch (function) {
    case CK_CLAMP: return at_most(at_least(x, a), b);
    case CK_LEAKY: return choose(x < 0, a * x, x);
    case CK_HARD_SIGMOID: return at_most(at_least(a * x + b, all(0)), all(1));
    case CK_HARD_SWISH: return x * at_most(at_least(x * (1.0f / 6.0f) + 0.5f, all(0)), all(1));
    case CK_SIGMOID: return sigmoid(x);
    case CK_SWISH: return x * sigmoid(a * x);
    case CK_TANH: return hyperbolic_tangent(x);
    case CK_ELU: return choose(x < 0, a * (exponential(x) - 1.0f), x);
    case CK_ERF: return error_function(x);
    case CK_GELU: return 0.5f * x * (1.0f + error_function(x * 0.70710678f));
    default: return x;
    }
}
