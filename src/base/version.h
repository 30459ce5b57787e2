// SPDX-License-Identifier: Apache-2.0
#pragma once

// Versions as people write them: "v1.33.5-eks-3025e55", "v1.31.1-gke.1337000", "580.126.20", "24.10", "1.32.0-rc.1",
// "6.8.0-1024-aws". Up to four numeric components after an optional "v"; then an optional suffix after '-' or '+'.
// docs/versions.md states every rule and each difference from the predecessors.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_COMPONENTS 4

struct version {
    uint64_t component[VERSION_COMPONENTS]; // missing ones are 0
    unsigned count;                         // components written, 1 to 4
    const char *suffix;                     // after the first '-' or '+' that follows a digit; "" when none; borrowed
    bool is_prerelease;                     // suffix is a semantic pre-release: alpha, beta, rc, pre, dev or a number
};

// False when the text is no version (nothing numeric at its start, an empty component, a number over 64 bits, more than
// four).
bool version_parse(const char *text, struct version *ret);
// Negative, 0 or positive: numeric components, missing ones as 0; then a pre-release sorts before its release; then,
// only when both have a vendor suffix of the same vendor, the suffixes, number by number.
int version_compare(const struct version *a, const struct version *b);
