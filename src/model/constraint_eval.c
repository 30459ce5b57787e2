// SPDX-License-Identifier: Apache-2.0
#include "model/constraint_eval.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/version.h"
#include "model/quantity.h"

// Subtypes with more keys than this get no "did you mean": the search costs more than it helps.
#define MOST_SUGGESTIONS 4096

// --- comparing values ---

// Units decide for quantities, else versions come first: 24.10 is above 24.9.
enum comparison { COMPARE_NONE, COMPARE_VERSIONS, COMPARE_QUANTITIES };

struct operands {
    struct version actual_version, expected_version;
    struct quantity actual_quantity, expected_quantity;
};

static enum comparison classify(const char *actual, const char *expected, const struct unit *unit,
                                struct operands *operands) {
    bool are_quantities =
        quantity_parse(actual, &operands->actual_quantity) && quantity_parse(expected, &operands->expected_quantity);
    if (are_quantities && !operands->expected_quantity.unit)
        operands->expected_quantity.unit = unit;
    if (are_quantities && (operands->actual_quantity.unit || operands->expected_quantity.unit))
        return COMPARE_QUANTITIES;
    if (version_parse(actual, &operands->actual_version) && version_parse(expected, &operands->expected_version))
        return COMPARE_VERSIONS;
    return are_quantities ? COMPARE_QUANTITIES : COMPARE_NONE;
}

static bool are_equal_booleans(const char *a, const char *b) {
    int64_t x = 0, y = 0;
    double unused;
    return doc_resolve_plain(a, strlen(a), &x, &unused) == DOC_BOOL &&
           doc_resolve_plain(b, strlen(b), &y, &unused) == DOC_BOOL && x == y;
}

static bool are_equal(const char *actual, const char *expected, const struct unit *unit) {
    struct operands operands;
    int order = 0;
    if (str_eq(actual, expected) && !unit)
        return true;
    switch (classify(actual, expected, unit, &operands)) {
    case COMPARE_VERSIONS:
        return version_is(&operands.actual_version, &operands.expected_version);
    case COMPARE_QUANTITIES:
        return quantity_compare(&operands.actual_quantity, &operands.expected_quantity, &order) && order == 0;
    case COMPARE_NONE:
        break;
    }
    return str_eq(actual, expected) || are_equal_booleans(actual, expected);
}

static bool find_order(const char *actual, const char *expected, const struct unit *unit, int *ret) {
    struct operands operands;
    switch (classify(actual, expected, unit, &operands)) {
    case COMPARE_VERSIONS:
        *ret = version_compare(&operands.actual_version, &operands.expected_version);
        return true;
    case COMPARE_QUANTITIES:
        return quantity_compare(&operands.actual_quantity, &operands.expected_quantity, ret);
    case COMPARE_NONE:
        break;
    }
    return false;
}

static enum constraint_outcome outcome_of(bool is_satisfied) {
    return is_satisfied ? CONSTRAINT_SATISFIED : CONSTRAINT_VIOLATED;
}

static enum constraint_outcome judge_clause(const struct constraint_clause *clause, const char *actual,
                                            const struct unit *unit) {
    int order = 0;
    switch (clause->relation) {
    case OPERATOR_EXACT:
        return outcome_of(str_eq(actual, clause->operand));
    case OPERATOR_EQUAL:
        return outcome_of(are_equal(actual, clause->operand, unit));
    case OPERATOR_NOT_EQUAL:
        return outcome_of(!are_equal(actual, clause->operand, unit));
    default:
        break;
    }
    if (!find_order(actual, clause->operand, unit, &order))
        return CONSTRAINT_UNKNOWN;
    switch (clause->relation) {
    case OPERATOR_GREATER_EQUAL:
        return outcome_of(order >= 0);
    case OPERATOR_LESS_EQUAL:
        return outcome_of(order <= 0);
    case OPERATOR_GREATER:
        return outcome_of(order > 0);
    default:
        return outcome_of(order < 0);
    }
}

static const char *clause_text(struct arena *arena, const struct constraint_clause *clause) {
    static const char *const texts[] = {
        [OPERATOR_EXACT] = "",         [OPERATOR_EQUAL] = "== ",
        [OPERATOR_NOT_EQUAL] = "!= ",  [OPERATOR_GREATER_EQUAL] = ">= ",
        [OPERATOR_LESS_EQUAL] = "<= ", [OPERATOR_GREATER] = "> ",
        [OPERATOR_LESS] = "< ",
    };
    return arena_printf(arena, "%s%s", texts[clause->relation], clause->operand);
}

static const char *violation(struct arena *arena, const struct constraint_clause *clause, const char *actual) {
    return clause->relation == OPERATOR_EXACT
               ? arena_printf(arena, "'%s' is not the text '%s'", actual, clause->operand)
               : arena_printf(arena, "'%s' is not %s", actual, clause_text(arena, clause));
}

// What no clause can say about the value.
static const char *incomparable(struct arena *arena, const struct constraint_clause *clause, const char *actual) {
    if (!*actual)
        return arena_printf(arena, "the value is empty, and '%s' needs a version or a number",
                            clause_text(arena, clause));
    return arena_printf(arena, "'%s' cannot be compared with '%s'", actual, clause_text(arena, clause));
}

void constraint_judge(struct arena *arena, const struct constraint_expression *expression, const char *actual,
                      const char *unit, struct constraint_verdict *verdict) {
    const char *trimmed = str_trim(arena_strdup(arena, actual));
    const struct unit *operand_unit = unit ? unit_find(unit) : NULL;
    verdict->outcome = CONSTRAINT_SATISFIED;
    verdict->obstacle = OBSTACLE_NONE;
    verdict->reason = NULL;
    for (size_t i = 0; i < expression->count; i++) {
        const struct constraint_clause *clause = &expression->clauses[i];
        enum constraint_outcome outcome = judge_clause(clause, trimmed, operand_unit);
        // One clause that does not hold settles it, whatever the others would say.
        if (outcome == CONSTRAINT_VIOLATED) {
            verdict->outcome = outcome;
            verdict->obstacle = OBSTACLE_NONE;
            verdict->reason = violation(arena, clause, trimmed);
            return;
        }
        if (outcome == CONSTRAINT_UNKNOWN && verdict->outcome == CONSTRAINT_SATISFIED) {
            verdict->outcome = outcome;
            verdict->obstacle = OBSTACLE_VALUE;
            verdict->reason = incomparable(arena, clause, trimmed);
        }
    }
}

// --- finding the reading ---

static void set_unknown(struct constraint_verdict *verdict, enum constraint_obstacle obstacle, const char *reason) {
    verdict->outcome = CONSTRAINT_UNKNOWN;
    verdict->obstacle = obstacle;
    verdict->reason = reason;
}

static const struct collector_outcome *find_outcome(const struct snapshot *snapshot, const char *name) {
    for (size_t i = 0; i < snapshot->outcome_count; i++)
        if (str_eq(snapshot->outcomes[i].name, name))
            return &snapshot->outcomes[i];
    return NULL;
}

// ": absent (no GPU)", or "" when the snapshot does not say.
static const char *outcome_text(struct arena *arena, const struct snapshot *snapshot, const char *type,
                                const char *subtype) {
    static const char *const states[] = {
        [COLLECTOR_COLLECTED] = "collected, but nothing was found",
        [COLLECTOR_ABSENT] = "absent",
        [COLLECTOR_FAILED] = "collecting failed",
        [COLLECTOR_EXCLUDED] = "left out when the snapshot was taken",
    };
    const struct collector_outcome *outcome =
        subtype ? find_outcome(snapshot, arena_printf(arena, "%s.%s", type, subtype)) : NULL;
    if (!outcome)
        outcome = find_outcome(snapshot, type);
    if (!outcome || (outcome->status == COLLECTOR_COLLECTED && subtype))
        return "";
    const char *state = states[outcome->status];
    return outcome->reason ? arena_printf(arena, ": %s (%s)", state, outcome->reason)
                           : arena_printf(arena, ": %s", state);
}

static const char *join_names(struct arena *arena, const char *const *names, size_t count) {
    const char *joined = count ? names[0] : "nothing";
    for (size_t i = 1; i < count; i++)
        joined = arena_printf(arena, "%s, %s", joined, names[i]);
    return joined;
}

// Many names would drown the message.
#define MOST_NAMES 12

static const char *listing(struct arena *arena, const char *const *names, size_t count, const char *word) {
    const char *near = suggest_nearest(word, names, count);
    if (near)
        return arena_printf(arena, "; did you mean '%s'?", near);
    return count && count <= MOST_NAMES ? arena_printf(arena, "; it has %s", join_names(arena, names, count)) : "";
}

static void explain_type(struct arena *arena, const struct snapshot *snapshot, struct constraint_verdict *verdict) {
    const char *why = outcome_text(arena, snapshot, verdict->type, NULL);
    if (!*why) {
        const char **types = arena_new_array(arena, const char *, snapshot->count);
        for (size_t i = 0; i < snapshot->count; i++)
            types[i] = snapshot->measurements[i].type;
        why = listing(arena, types, snapshot->count, verdict->type);
    }
    set_unknown(verdict, OBSTACLE_TYPE, arena_printf(arena, "the snapshot has no %s readings%s", verdict->type, why));
}

static void explain_subtype(struct arena *arena, const struct snapshot *snapshot, const struct measurement *measurement,
                            struct constraint_verdict *verdict) {
    const char *why = outcome_text(arena, snapshot, verdict->type, verdict->subtype);
    if (!*why && measurement->count <= MOST_SUGGESTIONS) {
        const char **names = arena_new_array(arena, const char *, measurement->count);
        for (size_t i = 0; i < measurement->count; i++)
            names[i] = measurement->subtypes[i]->name;
        why = listing(arena, names, measurement->count, verdict->subtype);
    }
    set_unknown(verdict, OBSTACLE_SUBTYPE,
                arena_printf(arena, "the snapshot has no %s.%s readings%s", verdict->type, verdict->subtype, why));
}

static void explain_key(struct arena *arena, const struct subtype *subtype, struct constraint_verdict *verdict) {
    const char *near = NULL;
    if (subtype->count <= MOST_SUGGESTIONS) {
        const char **keys = arena_new_array(arena, const char *, subtype->count);
        for (size_t i = 0; i < subtype->count; i++)
            keys[i] = subtype->readings[i].key;
        near = suggest_nearest(verdict->key, keys, subtype->count);
    }
    set_unknown(verdict, OBSTACLE_KEY,
                arena_printf(arena, "%s.%s has no key '%s'%s", verdict->type, verdict->subtype, verdict->key,
                             near ? arena_printf(arena, "; did you mean '%s'?", near) : ""));
}

// Tries every dot, last first, so that the longest subtype wins; one that has the key is preferred to a longer one
// that has not. NULL: no subtype fits.
static const struct subtype *find_subtype(struct arena *arena, const struct measurement *measurement, const char *rest,
                                          struct constraint_verdict *verdict) {
    const struct subtype *longest = NULL;
    char *name = arena_strdup(arena, rest);
    for (char *dot = strrchr(name, '.'); dot; dot = strrchr(name, '.')) {
        *dot = '\0';
        const struct subtype *subtype = map_get(&measurement->by_name, name);
        if (!subtype)
            continue;
        const char *key = rest + (dot - name) + 1;
        const struct reading *reading = subtype_find(subtype, key);
        if (!longest || reading) {
            longest = subtype;
            verdict->subtype = subtype->name;
            verdict->key = key;
            verdict->reading = reading;
        }
        if (reading)
            break;
    }
    return longest;
}

// Without a subtype to go by, a unit's name ends in its kind.
static void split_blindly(struct arena *arena, const char *rest, struct constraint_verdict *verdict) {
    static const char *const unit_kinds[] = {".service.", ".socket.", ".timer.", ".mount.", ".target.", ".slice."};
    const char *dot = strchr(rest, '.');
    for (size_t i = 0; str_eq(verdict->type, "SystemD") && i < ARRAY_SIZE(unit_kinds); i++) {
        const char *found = strstr(rest, unit_kinds[i]);
        if (found) {
            dot = found + strlen(unit_kinds[i]) - 1;
            break;
        }
    }
    verdict->subtype = arena_strndup(arena, rest, (size_t)(dot - rest));
    verdict->key = dot + 1;
}

// The rule by which the reading was redacted; NULL: it was not.
static const char *redaction_rule(struct arena *arena, const struct snapshot *snapshot,
                                  const struct constraint_verdict *verdict) {
    if (!snapshot->redacted_count)
        return NULL;
    const char *path = arena_printf(arena, "%s.%s.%s", verdict->type, verdict->subtype, verdict->key);
    for (size_t i = 0; i < snapshot->redacted_count; i++)
        if (str_eq(snapshot->redacted[i].path, path))
            return snapshot->redacted[i].rule;
    return NULL;
}

static void judge_reading(struct arena *arena, const struct constraint_expression *expression, const char *unit,
                          const struct snapshot *snapshot, struct constraint_verdict *verdict) {
    const char *rule = redaction_rule(arena, snapshot, verdict);
    if (verdict->reading->kind == DOC_NULL)
        set_unknown(verdict, OBSTACLE_VALUE, "the reading is null: nothing was found when the snapshot was taken");
    else if (rule)
        set_unknown(verdict, OBSTACLE_REDACTED,
                    arena_printf(arena, "the value was redacted when the snapshot was taken (rule %s)", rule));
    else
        constraint_judge(arena, expression, verdict->reading->text, unit, verdict);
}

// Fills the verdict's names and reading, or says why there is none.
static void find_reading(struct arena *arena, const char *name, const struct snapshot *snapshot,
                         struct constraint_verdict *verdict) {
    const char *first = strchr(name, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || first == name || second == first + 1 || !second[1]) {
        set_unknown(verdict, OBSTACLE_NAME, "its name is no path to a reading (Type.Subtype.Key)");
        return;
    }
    verdict->type = arena_strndup(arena, name, (size_t)(first - name));
    const struct measurement *measurement = snapshot_find_measurement(snapshot, verdict->type);
    const struct subtype *subtype = measurement ? find_subtype(arena, measurement, first + 1, verdict) : NULL;
    if (!subtype)
        split_blindly(arena, first + 1, verdict);
    if (!measurement || !measurement->count)
        explain_type(arena, snapshot, verdict);
    else if (!subtype)
        explain_subtype(arena, snapshot, measurement, verdict);
    else if (!verdict->reading)
        explain_key(arena, subtype, verdict);
}

// The place inside the constraint's value, past its opening quote.
static struct doc_origin expression_origin(const struct constraint *constraint, size_t offset) {
    const struct doc *value = doc_get(constraint->doc, "value");
    if (!value)
        return (struct doc_origin){0};
    struct doc_origin origin = value->origin;
    if (origin.line)
        origin.column += (uint32_t)offset + !value->is_plain;
    return origin;
}

static int parse_expression(struct arena *arena, const struct constraint *constraint, struct constraint_expression *ret,
                            struct error **err) {
    size_t offset = 0;
    int r = constraint_expression_parse(arena, constraint->value, ret, &offset, err);
    if (r == 0)
        return 0;
    error_prefix(err, "constraint %s", constraint->name);
    struct doc_origin origin = expression_origin(constraint, offset);
    return origin.source ? error_prefix(err, "%s", doc_origin_text(arena, origin)) : r;
}

int constraint_evaluate(struct arena *arena, const struct constraint *constraint, const struct snapshot *snapshot,
                        struct constraint_verdict *ret, struct error **err) {
    struct constraint_expression expression;
    struct constraint_verdict verdict = {.outcome = CONSTRAINT_SATISFIED};
    int r = parse_expression(arena, constraint, &expression, err);
    if (r < 0)
        return r;
    find_reading(arena, constraint->name, snapshot, &verdict);
    if (verdict.reading)
        judge_reading(arena, &expression, constraint->unit, snapshot, &verdict);
    *ret = verdict;
    return 0;
}
