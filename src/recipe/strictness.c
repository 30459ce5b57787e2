// SPDX-License-Identifier: Apache-2.0
#include "recipe/strictness.h"
#include "base/text.h"
#include "model/version_range.h"

// Whether the second end lets through what the first does not. direction: 1 for lower ends, -1 for upper ones.
static bool is_weaker(const struct version_bound *first, const struct version_bound *second, int direction) {
    if (!first->clause)
        return false;
    if (!second->clause)
        return true;
    int order = version_compare(&second->version, &first->version) * direction;
    return order < 0 || (order == 0 && second->is_inclusive && !first->is_inclusive);
}

static const char *operator_text(const struct version_bound *bound, bool is_lower) {
    return is_lower ? (bound->is_inclusive ? ">=" : ">") : (bound->is_inclusive ? "<=" : "<");
}

static const char *join(struct arena *arena, const struct version_bound *lower, const struct version_bound *upper) {
    const char *low =
        lower->clause ? arena_printf(arena, "%s %s", operator_text(lower, true), lower->clause->operand) : NULL;
    const char *high =
        upper->clause ? arena_printf(arena, "%s %s", operator_text(upper, false), upper->clause->operand) : NULL;
    return low && high ? arena_printf(arena, "%s, %s", low, high) : low ? low : high;
}

enum strictness strictness_compare(struct arena *arena, const char *first, const char *second, const char **ret_both) {
    struct version_range a, b;
    if (!version_range_read(arena, first, &a) || !version_range_read(arena, second, &b) || (a.is_exact && b.is_exact))
        return STRICTNESS_INCOMPARABLE;
    bool lower_weakens = is_weaker(&a.lower, &b.lower, 1), upper_weakens = is_weaker(&a.upper, &b.upper, -1);
    if (!lower_weakens && !upper_weakens)
        return STRICTNESS_KEEPS;
    const struct version_bound *lower = lower_weakens ? &a.lower : &b.lower,
                               *upper = upper_weakens ? &a.upper : &b.upper;
    bool tightens = is_weaker(&b.lower, &a.lower, 1) || is_weaker(&b.upper, &a.upper, -1);
    if (ret_both)
        *ret_both = tightens && !version_range_is_empty(lower, upper) ? join(arena, lower, upper) : first;
    return STRICTNESS_WEAKENS;
}
