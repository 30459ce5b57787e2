// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

int64_t clock_real_now(void) {
    return (int64_t)time(NULL);
}

int64_t clock_now(void) {
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    if (fixed && *fixed) {
        char *end;
        long long seconds = strtoll(fixed, &end, 10);
        if (!*end && seconds >= 0)
            return seconds;
    }
    return clock_real_now();
}

uint64_t clock_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

const char *clock_timestamp(int64_t seconds, char buffer[CLOCK_TIMESTAMP_SIZE]) {
    time_t when = (time_t)seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(buffer, CLOCK_TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return buffer;
}
