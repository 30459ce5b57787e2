// SPDX-License-Identifier: Apache-2.0
#include "recipe/strictness.h"
#include "base/text.h"
#include "base/version.h"
#include "model/constraint_eval.h"

// One end of a range. `clause` is NULL when that end is open.
struct bound {
    const struct constraint_clause *clause;
    struct version version;
    bool is_inclusive;
};

struct range {
    struct bound lower, upper;
    bool is_exact;
};

static bool add_clause(const struct constraint_clause *clause, struct range *range) {
    struct bound bound = {.clause = clause};
    if (!version_parse(clause->operand, &bound.version))
        return false;
    switch (clause->relation) {
    case OPERATOR_EXACT:
    case OPERATOR_EQUAL:
        bound.is_inclusive = true;
        range->is_exact = true;
        range->lower = range->upper = bound;
        return true;
    case OPERATOR_GREATER_EQUAL:
    case OPERATOR_GREATER:
        bound.is_inclusive = clause->relation == OPERATOR_GREATER_EQUAL;
        range->lower = bound;
        return true;
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_LESS:
        bound.is_inclusive = clause->relation == OPERATOR_LESS_EQUAL;
        range->upper = bound;
        return true;
    default:
        return false;
    }
}

// False when the expression is not made of versions, or is malformed (which is told where it is evaluated).
static bool read_range(struct arena *arena, const char *text, struct range *ret) {
    struct constraint_expression expression;
    _cleanup_error_ struct error *ignored = NULL;
    if (constraint_expression_parse(arena, text, &expression, NULL, &ignored) < 0)
        return false;
    *ret = (struct range){0};
    for (size_t i = 0; i < expression.count; i++)
        if (!add_clause(&expression.clauses[i], ret))
            return false;
    return true;
}

// Whether the second end lets through what the first does not. direction: 1 for lower ends, -1 for upper ones.
static bool is_weaker(const struct bound *first, const struct bound *second, int direction) {
    if (!first->clause)
        return false;
    if (!second->clause)
        return true;
    int order = version_compare(&second->version, &first->version) * direction;
    return order < 0 || (order == 0 && second->is_inclusive && !first->is_inclusive);
}

static const char *operator_text(const struct bound *bound, bool is_lower) {
    return is_lower ? (bound->is_inclusive ? ">=" : ">") : (bound->is_inclusive ? "<=" : "<");
}

static const char *join(struct arena *arena, const struct bound *lower, const struct bound *upper) {
    const char *low =
        lower->clause ? arena_printf(arena, "%s %s", operator_text(lower, true), lower->clause->operand) : NULL;
    const char *high =
        upper->clause ? arena_printf(arena, "%s %s", operator_text(upper, false), upper->clause->operand) : NULL;
    return low && high ? arena_printf(arena, "%s, %s", low, high) : low ? low : high;
}

// Bounds that contradict each other, such as >= 24.04 and 22.04: nothing would satisfy both.
static bool is_empty_range(const struct bound *lower, const struct bound *upper) {
    if (!lower->clause || !upper->clause)
        return false;
    int order = version_compare(&lower->version, &upper->version);
    return order > 0 || (order == 0 && !(lower->is_inclusive && upper->is_inclusive));
}

enum strictness strictness_compare(struct arena *arena, const char *first, const char *second, const char **ret_both) {
    struct range a, b;
    if (!read_range(arena, first, &a) || !read_range(arena, second, &b) || (a.is_exact && b.is_exact))
        return STRICTNESS_INCOMPARABLE;
    bool lower_weakens = is_weaker(&a.lower, &b.lower, 1), upper_weakens = is_weaker(&a.upper, &b.upper, -1);
    if (!lower_weakens && !upper_weakens)
        return STRICTNESS_KEEPS;
    const struct bound *lower = lower_weakens ? &a.lower : &b.lower, *upper = upper_weakens ? &a.upper : &b.upper;
    bool tightens = is_weaker(&b.lower, &a.lower, 1) || is_weaker(&b.upper, &a.upper, -1);
    if (ret_both)
        *ret_both = tightens && !is_empty_range(lower, upper) ? join(arena, lower, upper) : first;
    return STRICTNESS_WEAKENS;
}
