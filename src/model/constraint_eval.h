// SPDX-License-Identifier: Apache-2.0
#pragma once

// Judging constraints: an expression (">= 1.30, < 1.34", "ubuntu") against a value, and a whole constraint against a
// snapshot. Pure: nothing but its arguments decides. What cannot be evaluated is never satisfied; the verdict says why.
// docs/versions.md states the rules of comparing.

#include "model/recipe.h"
#include "model/snapshot.h"

enum constraint_operator {
    OPERATOR_EXACT, // none written: the text as it stands in the source
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_LESS,
};

struct constraint_clause {
    enum constraint_operator relation;
    const char *operand;
};

// All clauses must hold.
struct constraint_expression {
    struct constraint_clause *clauses;
    size_t count;
};

// "[operator] value", or several "operator value" joined by commas. ERROR_INVALID tells the byte and what was expected
// there; *ret_offset, if wanted, is that byte, counted from 0.
int constraint_expression_parse(struct arena *arena, const char *text, struct constraint_expression *ret,
                                size_t *ret_offset, struct error **err) _must_use_;

enum constraint_outcome { CONSTRAINT_SATISFIED, CONSTRAINT_VIOLATED, CONSTRAINT_UNKNOWN };

// What stood in the way of CONSTRAINT_UNKNOWN.
enum constraint_obstacle {
    OBSTACLE_NONE,
    OBSTACLE_NAME,     // the name is no Type.Subtype.Key
    OBSTACLE_TYPE,     // the snapshot has no reading of that type
    OBSTACLE_SUBTYPE,  // none of that subtype
    OBSTACLE_KEY,      // not that key
    OBSTACLE_REDACTED, // the value was replaced when the snapshot was taken
    OBSTACLE_VALUE,    // the value has no order, or there is none
};

struct constraint_verdict {
    enum constraint_outcome outcome;
    enum constraint_obstacle obstacle;
    const char *type, *subtype, *key; // how the name was understood; NULL as far as it was not
    const struct reading *reading;    // NULL: not found
    const char *reason;               // one sentence, no full stop; NULL when satisfied
};

// Judges one value. `unit` is that of operands which have none, or NULL. Fills outcome, obstacle and reason.
void constraint_judge(struct arena *arena, const struct constraint_expression *expression, const char *actual,
                      const char *unit, struct constraint_verdict *verdict);
// Finds the reading that the constraint's name means and judges it. The name is split at its first dot and, behind the
// longest subtype of the snapshot that fits, once more: subtypes such as containerd.service have dots of their own, and
// so may keys. ERROR_INVALID: a malformed expression, with its place.
int constraint_evaluate(struct arena *arena, const struct constraint *constraint, const struct snapshot *snapshot,
                        struct constraint_verdict *ret, struct error **err) _must_use_;
