// SPDX-License-Identifier: Apache-2.0
#pragma once

// Versions as people write them: "v1.33.5-eks-3025e55", "v1.31.1-gke.1337000", "580.126.20", "24.10", "1.32.0-rc.1",
// "6.8.0-1024-aws", "24.04.3 LTS". Up to four numeric components after an optional "v"; then an optional suffix after
// '-', '+' or '~'; what follows white space is a remark. docs/versions.md states every rule and each difference from
// the predecessors.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_COMPONENTS 4

struct version {
    uint64_t component[VERSION_COMPONENTS]; // missing ones are 0
    unsigned count;                         // components written, 1 to 4
    const char *suffix;                     // what follows the '-', '+' or '~'; not terminated; borrowed from the text
    size_t suffix_length;                   // 0: none
    bool is_prerelease;                     // the suffix starts with alpha, beta, dev, pre, preview, rc or snapshot
};

// False when the text is no version (nothing numeric at its start, an empty component, a number over 64 bits, more than
// four components, an empty suffix).
bool version_parse(const char *text, struct version *ret);
// Negative, 0 or positive: numeric components, missing ones as 0; then a pre-release sorts before its release, and
// pre-releases by their words and numbers; then, only when both have a suffix of the same vendor, the suffixes, number
// by number. Suffixes of different vendors, and commits in suffixes, have no order and count as equal.
int version_compare(const struct version *a, const struct version *b);
// True when `actual` is what `expected` names: the same components (missing ones as 0), both or neither a pre-release,
// and the same suffix where `expected` has one. So 1.33 names v1.33.0-eks-3025e55, but not the other way round.
bool version_is(const struct version *actual, const struct version *expected);
