#include "load.h"

static int step_of(uint64_t us) {
    if (us < 64) return (int)us;
    int doubling = 63 - __builtin_clzll(us); /* 6 and more */
    int step = (doubling - 4) * 32 + (int)((us >> (doubling - 5)) & 31);
    return step < 40 * 32 ? step : 40 * 32 - 1;
}

static uint64_t highest_in(int step) {
    if (step < 64) return (uint64_t)step;
    int doubling = step / 32 + 4;
    return ((uint64_t)(32 + step % 32 + 1) << (doubling - 5)) - 1;
}

void note(Histogram *histogram, uint64_t us) {
    histogram->count[step_of(us)]++;
    histogram->total++;
}

uint64_t quantile(const Histogram *histogram, double q) {
    uint64_t wanted = (uint64_t)(q * (double)histogram->total), seen = 0;
    for (int step = 0; step < 40 * 32; step++) {
        seen += histogram->count[step];
        if (seen > wanted || (seen == histogram->total && seen)) return highest_in(step);
    }
    return 0;
}
