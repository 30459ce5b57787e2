// SPDX-License-Identifier: Apache-2.0
#include "model/version_range.h"

static bool add_clause(const struct constraint_clause *clause, struct version_range *range) {
    struct version_bound bound = {.clause = clause};
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

bool version_range_read(struct arena *arena, const char *text, struct version_range *ret) {
    struct constraint_expression expression;
    _cleanup_error_ struct error *ignored = NULL;
    if (constraint_expression_parse(arena, text, &expression, NULL, &ignored) < 0)
        return false;
    *ret = (struct version_range){0};
    for (size_t i = 0; i < expression.count; i++)
        if (!add_clause(&expression.clauses[i], ret))
            return false;
    return true;
}

// Bounds that contradict each other, such as >= 24.04 and 22.04: nothing would satisfy both.
bool version_range_is_empty(const struct version_bound *lower, const struct version_bound *upper) {
    if (!lower->clause || !upper->clause)
        return false;
    int order = version_compare(&lower->version, &upper->version);
    return order > 0 || (order == 0 && !(lower->is_inclusive && upper->is_inclusive));
}

bool version_range_has(const struct version_range *range, const struct version *version) {
    int low = range->lower.clause ? version_compare(version, &range->lower.version) : 1;
    int high = range->upper.clause ? version_compare(version, &range->upper.version) : -1;
    return (low > 0 || (low == 0 && range->lower.is_inclusive)) &&
           (high < 0 || (high == 0 && range->upper.is_inclusive));
}
