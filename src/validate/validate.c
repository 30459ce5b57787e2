// SPDX-License-Identifier: Apache-2.0
#include "validate/validate.h"
#include "base/suggest.h"
#include "base/text.h"
#include "model/constraint_eval.h"
#include "validate/tuning.h"

const char *const validation_phase_names[PHASE_COUNT] = {
    [PHASE_READINESS] = "readiness",
    [PHASE_DEPLOYMENT] = "deployment",
    [PHASE_PERFORMANCE] = "performance",
    [PHASE_CONFORMANCE] = "conformance",
};

// What no snapshot can hold, by phase.
static const struct {
    const char *cause, *reason;
} beyond_snapshot[PHASE_COUNT] = {
    [PHASE_READINESS] = {"needs-cluster", "it is a check on a running cluster, which a snapshot does not hold"},
    [PHASE_DEPLOYMENT] = {"needs-cluster",
                          "it is judged on the components that run in a cluster, which a snapshot does "
                          "not hold"},
    [PHASE_PERFORMANCE] = {"needs-measurement", "it is judged on a measurement in a cluster, which a snapshot does not "
                                                "hold"},
    [PHASE_CONFORMANCE] = {"needs-cluster", "it is judged on a running cluster, which a snapshot does not hold"},
};

// Types of readings; constraints on anything else are about other facts.
static const char *const snapshot_types[] = {"K8s", "SystemD", "OS", "GPU", "NodeTopology", "Fabric"};

struct run {
    const struct validation_request *request;
    struct report *report;
    struct arena *arena;
    enum validation_phase phase;
    struct error *malformed; // all malformed constraints so far, a line each
};

static const char *origin_text(struct arena *arena, const struct doc *doc) {
    return doc && doc->origin.source ? doc_origin_text(arena, doc->origin) : NULL;
}

static const char *expectation_place(struct arena *arena, const struct constraint *constraint) {
    const struct doc *value = doc_get(constraint->doc, "value");
    return origin_text(arena, value ? value : constraint->doc);
}

static void add_unreachable(struct run *run, const char *id, const char *expected, const char *source) {
    struct check check = {
        .id = id,
        .phase = validation_phase_names[run->phase],
        .status = CHECK_NOT_CHECKED,
        .expected = expected,
        .source = source,
        .cause = beyond_snapshot[run->phase].cause,
        .reason = beyond_snapshot[run->phase].reason,
    };
    report_add(run->report, &check);
}

// --- constraints ---

static bool is_about_readings(const struct constraint *constraint, const struct constraint_verdict *verdict) {
    if (verdict->obstacle == OBSTACLE_NAME)
        return false;
    if (verdict->obstacle != OBSTACLE_TYPE)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(snapshot_types); i++)
        if (str_has_prefix(constraint->name, snapshot_types[i]) && constraint->name[strlen(snapshot_types[i])] == '.')
            return true;
    return false;
}

static int read_severity(const struct constraint *constraint, enum check_severity *ret, struct error **err) {
    *ret = SEVERITY_ERROR;
    if (!constraint->severity || str_eq_ignore_case(constraint->severity, "error"))
        return 0;
    if (str_eq_ignore_case(constraint->severity, "warning") || str_eq_ignore_case(constraint->severity, "info")) {
        *ret = str_eq_ignore_case(constraint->severity, "info") ? SEVERITY_INFO : SEVERITY_WARNING;
        return 0;
    }
    const struct doc *at = doc_get(constraint->doc, "severity");
    return doc_error(err, ERROR_INVALID, at ? at->origin : (struct doc_origin){0},
                     "constraint %s: severity '%s' is unknown; it is error, warning or info", constraint->name,
                     constraint->severity);
}

static const char *where(const struct run *run, const struct reading *reading) {
    const char *source = run->request->snapshot->source;
    if (!reading || !source)
        return NULL;
    return reading->line ? arena_printf(run->arena, "%s:%u", source, reading->line) : source;
}

static enum check_status status_of(const struct constraint_verdict *verdict, enum check_severity severity) {
    switch (verdict->outcome) {
    case CONSTRAINT_SATISFIED:
        return CHECK_PASSED;
    case CONSTRAINT_VIOLATED:
        return severity == SEVERITY_ERROR ? CHECK_FAILED : CHECK_WARNING;
    default:
        return CHECK_NOT_CHECKED;
    }
}

static const char *cause_of(const struct constraint_verdict *verdict) {
    static const char *const causes[] = {
        [OBSTACLE_NONE] = "violated",           [OBSTACLE_NAME] = "no-path",    [OBSTACLE_TYPE] = "missing-type",
        [OBSTACLE_SUBTYPE] = "missing-subtype", [OBSTACLE_KEY] = "missing-key", [OBSTACLE_REDACTED] = "redacted",
        [OBSTACLE_VALUE] = "not-comparable",
    };
    return verdict->outcome == CONSTRAINT_SATISFIED ? NULL : causes[verdict->obstacle];
}

static void add_verdict(struct run *run, const struct constraint *constraint, const struct constraint_verdict *verdict,
                        enum check_severity severity) {
    struct check check = {
        .id = constraint->name,
        .phase = validation_phase_names[run->phase],
        .status = status_of(verdict, severity),
        .severity = severity,
        .expected = constraint->value,
        .actual = verdict->reading && verdict->obstacle != OBSTACLE_REDACTED ? verdict->reading->text : NULL,
        .where = where(run, verdict->reading),
        .source = expectation_place(run->arena, constraint),
        .cause = cause_of(verdict),
        .reason = verdict->reason,
        .remediation = constraint->remediation,
    };
    report_add(run->report, &check);
}

static void note_malformed(struct run *run, struct error *err) {
    if (!run->malformed) {
        run->malformed = err;
        return;
    }
    struct error *both = NULL;
    error_set(&both, ERROR_INVALID, "%s\n%s", run->malformed->message, err->message);
    if (run->malformed->hint)
        error_hint(&both, "%s", run->malformed->hint);
    error_free(run->malformed);
    error_free(err);
    run->malformed = both;
}

static void check_constraint(struct run *run, const struct constraint *constraint) {
    struct error *err = NULL;
    struct constraint_verdict verdict;
    enum check_severity severity;
    if (read_severity(constraint, &severity, &err) < 0 ||
        constraint_evaluate(run->arena, constraint, run->request->snapshot, &verdict, &err) < 0)
        note_malformed(run, err);
    else if (run->phase != PHASE_READINESS && !is_about_readings(constraint, &verdict))
        add_unreachable(run, constraint->name, constraint->value, expectation_place(run->arena, constraint));
    else
        add_verdict(run, constraint, &verdict, severity);
}

// --- the recipe's validation section ---

static int check_listed_constraints(struct run *run, const struct doc *list, struct error **err) {
    DOC_FOREACH_ITEM(item, list) {
        struct constraint constraint;
        int r = constraint_from_doc(item, &constraint, err);
        if (r < 0)
            return r;
        check_constraint(run, &constraint);
    }
    return 0;
}

static bool has_constraint(const struct doc *constraints, const char *name) {
    DOC_FOREACH_ITEM(item, constraints)
    if (str_eq(doc_get_text(item, "name", NULL), name))
        return true;
    return false;
}

// A check whose limit stands among the constraints is reported there.
static int add_named_checks(struct run *run, const struct doc *list, const struct doc *constraints,
                            struct error **err) {
    DOC_FOREACH_ITEM(item, list) {
        if (!doc_is_scalar(item) || item->kind == DOC_NULL)
            return doc_error(err, ERROR_INVALID, item->origin, "a check must be a name, not a %s",
                             doc_kind_name(item->kind));
        if (!has_constraint(constraints, doc_text(item)))
            add_unreachable(run, doc_text(item), NULL, origin_text(run->arena, item));
    }
    return 0;
}

static int get_list(const struct doc *phase, const char *key, const struct doc **ret, struct error **err) {
    *ret = doc_get(phase, key);
    if (!*ret || (*ret)->kind == DOC_NULL || (*ret)->kind == DOC_LIST)
        return 0;
    return doc_error(err, ERROR_INVALID, (*ret)->origin, "%s must be a list, not a %s", key,
                     doc_kind_name((*ret)->kind));
}

static int run_listed(struct run *run, struct error **err) {
    const struct recipe *recipe = run->request->recipe;
    for (size_t i = 0; run->phase == PHASE_READINESS && i < recipe->constraint_count; i++)
        check_constraint(run, &recipe->constraints[i]);
    const struct doc *phase = doc_get(recipe->validation, validation_phase_names[run->phase]);
    if (!phase || phase->kind == DOC_NULL)
        return 0;
    if (phase->kind != DOC_MAP)
        return doc_error(err, ERROR_INVALID, phase->origin, "validation.%s must be a map, not a %s",
                         validation_phase_names[run->phase], doc_kind_name(phase->kind));
    const struct doc *constraints = NULL, *checks = NULL;
    int r = get_list(phase, "constraints", &constraints, err);
    if (r == 0)
        r = get_list(phase, "checks", &checks, err);
    if (r == 0)
        r = check_listed_constraints(run, constraints, err);
    return r < 0 ? r : add_named_checks(run, checks, constraints, err);
}

static int run_phase(struct run *run, struct error **err) {
    int r = run_listed(run, err);
    if (r == 0 && run->phase == PHASE_DEPLOYMENT)
        r = validate_tuning(run->request->recipe, run->request->snapshot, run->report, err);
    return r;
}

// A phase that nobody knows would otherwise be a silent gap.
static int check_phase_names(const struct recipe *recipe, struct error **err) {
    DOC_FOREACH_MEMBER(member, recipe->validation) {
        size_t i = 0;
        while (i < PHASE_COUNT && !str_eq(member->key, validation_phase_names[i]))
            i++;
        if (i < PHASE_COUNT)
            continue;
        doc_error(err, ERROR_INVALID, member->key_origin,
                  "validation phase '%s' is unknown; phases are readiness, deployment, performance and conformance",
                  member->key);
        const char *near = suggest_nearest(member->key, validation_phase_names, PHASE_COUNT);
        return near ? error_hint(err, "did you mean '%s'?", near) : -(int)(*err)->code;
    }
    return 0;
}

int validate_recipe(const struct validation_request *request, struct report *report, struct error **err) {
    struct run run = {.request = request, .report = report, .arena = report->arena};
    int r = check_phase_names(request->recipe, err);
    for (int phase = 0; r == 0 && phase < PHASE_COUNT; phase++) {
        run.phase = (enum validation_phase)phase;
        if (request->phases[phase])
            r = run_phase(&run, err);
    }
    if (r == 0 && run.malformed) {
        *err = TAKE_PTR(run.malformed);
        r = -(int)(*err)->code;
    }
    error_free(run.malformed);
    return r;
}
