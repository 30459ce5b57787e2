// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far a recipe is to be trusted: as far as the overlay says that is made for all that was asked, or the least of
// several; no more than a preview when there is none and it is put together by rule.

#include "base/map.h"
#include "recipe/match.h"

#define MATURITY_COUNT 3

// From the most trusted on: "supported", "preview", "planned".
extern const char *const maturity_names[MATURITY_COUNT];
// Its place among the names; -1: no known word.
int maturity_rank(const char *word);

struct maturity {
    const char *word;             // NULL: the catalog does not tell
    const struct overlay *own;    // the overlay made for the criteria, number of nodes aside; NULL: there is none
    const struct overlay **parts; // only without one: what it is put together from, without what those build on
    size_t part_count;
    const char *composition; // the same as a sentence: "no recipe is made for ...; put together from a, b, c"
};

// Of a match, its overlays loaded.
void maturity_of_match(struct arena *arena, const struct catalog *catalog, const struct match *match,
                       const struct criteria *criteria, struct maturity *ret);
// Lowers the word to that of the least proven of the mixins (name -> struct mixin).
void maturity_of_mixins(const struct map *mixins, struct maturity *maturity);
