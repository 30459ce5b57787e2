// SPDX-License-Identifier: Apache-2.0
#pragma once

// Time. Wall clock in whole seconds since 1970 (UTC), monotonic time in nanoseconds. SOURCE_DATE_EPOCH, when set,
// replaces the wall clock, so that outputs are reproducible.

#include <stdint.h>

#define CLOCK_TIMESTAMP_SIZE sizeof "2006-01-02T15:04:05Z"

int64_t clock_now(void);
// The real time, whatever SOURCE_DATE_EPOCH says: for certificates and time-outs.
int64_t clock_real_now(void);
uint64_t clock_monotonic_ns(void);
// RFC 3339 in UTC, such as 2006-01-02T15:04:05Z; returns buffer.
const char *clock_timestamp(int64_t seconds, char buffer[CLOCK_TIMESTAMP_SIZE]);
