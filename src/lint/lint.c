// SPDX-License-Identifier: Apache-2.0
#include "lint/lint.h"
#include "base/text.h"
#include "lint/context.h"

#include <stdarg.h>

#define NEEDS_CHARTS "no charts were given to compare with"

// In the order of the report; rules of one phase stand together.
static const struct lint_rule rules[] = {
    {"yaml", "files", "every document is well-formed YAML or JSON", SEVERITY_ERROR, lint_rule_loads},
    {"document-kind", "files", "every document has its kind and a known apiVersion", SEVERITY_ERROR, lint_rule_kind},
    {"unknown-key", "files", "no key is unknown", SEVERITY_ERROR, lint_rule_keys},
    {"document-shape", "files", "every field has its shape", SEVERITY_ERROR, lint_rule_shape},
    {"name-differs", "files", "names equal the names of files", SEVERITY_ERROR, lint_rule_names},
    {"duplicate-name", "files", "no name is given twice", SEVERITY_ERROR, lint_rule_duplicates},
    {"missing-file", "files", "every file that is named is there", SEVERITY_ERROR, lint_rule_missing_files},
    {"unused-file", "files", "every file of a component is used", SEVERITY_WARNING, lint_rule_unused_files},
    {"template-syntax", "files", "every manifest is a template that can be read", SEVERITY_ERROR, lint_rule_templates},
    {"unknown-base", "overlays", "every overlay inherits from one that there is", SEVERITY_ERROR, lint_rule_bases},
    {"inheritance-cycle", "overlays", "no overlays inherit in a circle", SEVERITY_ERROR, lint_rule_circles},
    {"unknown-mixin", "overlays", "every mixin that is named is there and for that overlay", SEVERITY_ERROR,
     lint_rule_mixins},
    {"unreachable-overlay", "overlays", "criteria lead to every overlay", SEVERITY_ERROR, lint_rule_unreachable},
    {"same-criteria", "overlays", "no two overlays have the same criteria", SEVERITY_ERROR, lint_rule_same_criteria},
    {"contradicting-criteria", "overlays", "no overlay contradicts the criteria that it inherits", SEVERITY_ERROR,
     lint_rule_contradictions},
    {"unknown-criterion", "overlays", "every criterion is listed in criteria.yaml", SEVERITY_WARNING,
     lint_rule_criteria_values},
    {"unknown-maturity", "overlays", "every maturity is supported, preview or planned", SEVERITY_ERROR,
     lint_rule_maturity},
    {"compatibility-rule", "overlays", "every rule of compatibility.yaml is whole and speaks of known values",
     SEVERITY_ERROR, lint_rule_compatibility},
    {"impossible-criteria", "overlays", "no overlay is made for what a rule of compatibility.yaml refuses",
     SEVERITY_ERROR, lint_rule_possible},
    {"constraint-syntax", "overlays", "every constraint can be parsed", SEVERITY_ERROR, lint_rule_expressions},
    {"weakened-constraint", "overlays", "no constraint is weaker than an ancestor's unless it says relax",
     SEVERITY_ERROR, lint_rule_weakened},
    {"unregistered-component", "components", "every component is in the registry", SEVERITY_WARNING,
     lint_rule_unregistered},
    {"unpinned-version", "components", "every version is pinned", SEVERITY_ERROR, lint_rule_pins},
    {"unpinned-image", "components", "every image of values and manifests is pinned", SEVERITY_WARNING,
     lint_rule_images},
    {"unknown-dependency", "components", "every dependency is part of the recipe", SEVERITY_ERROR,
     lint_rule_dependencies},
    {"dependency-cycle", "components", "no dependencies go round in a circle", SEVERITY_ERROR,
     lint_rule_dependency_circles},
    {"unresolvable", "components", "every overlay with criteria resolves", SEVERITY_ERROR, lint_rule_resolves},
    {"unresolvable-profile", "components", "every value of a profile resolves", SEVERITY_ERROR, lint_rule_profiles},
    {"missing-source", "components", "every pin, constraint and value has a source and a reason", SEVERITY_WARNING,
     lint_rule_sources},
    {"stale-fact", "components", "every fact explains a value that is set", SEVERITY_WARNING, lint_rule_stale_facts},
    {"upgrade-notes", "components", "every upgrade note is bounded and says what to do", SEVERITY_ERROR,
     lint_rule_upgrade_notes},
    {"upgrade-coverage", "components", "upgrade notes answer for every version below the pin", SEVERITY_ERROR,
     lint_rule_upgrade_coverage},
    {"tuning-setting", "tuning", "every setting of node tuning is sound and has a value", SEVERITY_ERROR,
     lint_rule_tuning_settings},
    {"tuning-tie", "tuning", "no two profiles of equal rank give one setting different values", SEVERITY_ERROR,
     lint_rule_tuning_ties},
    {"tuning-delivery", "tuning", "every mechanism, package and component of delivery is there", SEVERITY_ERROR,
     lint_rule_tuning_delivery},
    // After all rules that know more than a schema: what they told is not told again.
    {"schema", "schemas", "every document follows the schema of its kind", SEVERITY_ERROR, lint_rule_schema},
    {"chart-found", "charts", "the chart of every component is there", SEVERITY_WARNING, lint_rule_charts_known},
    {"chart-value", "charts", "every value has a path that its chart has", SEVERITY_ERROR, lint_rule_chart_values},
    {"chart-type", "charts", "every value has the type that its chart expects", SEVERITY_ERROR, lint_rule_chart_types},
    {"chart-placement", "charts", "placement goes to paths that charts have", SEVERITY_ERROR,
     lint_rule_chart_placement},
};

// --- findings ---

void lint_add(struct lint *lint, struct check *check) {
    check->id = lint->rule->id;
    check->phase = lint->rule->phase;
    const char *key =
        arena_printf(lint->arena, "%s|%s", check->where ? check->where : "", check->reason ? check->reason : "");
    if (!map_put(&lint->seen, key, lint))
        return;
    if (check->status != CHECK_NOT_CHECKED)
        check->status = check->severity == SEVERITY_ERROR ? CHECK_FAILED : CHECK_WARNING;
    lint->found++;
    report_add(lint->report, check);
}

static _printf_(5, 0) void find_v(struct lint *lint, enum check_severity severity, struct doc_origin origin,
                                  const char *remediation, const char *format, va_list arguments) {
    struct check check = {
        .severity = severity,
        .where = origin.source ? doc_origin_text(lint->arena, origin) : NULL,
        .reason = arena_vprintf(lint->arena, format, arguments),
        .cause = lint->rule->id,
        .remediation = remediation,
    };
    lint_add(lint, &check);
}

void lint_find(struct lint *lint, struct doc_origin origin, const char *remediation, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    find_v(lint, lint->rule->severity, origin, remediation, format, arguments);
    va_end(arguments);
}

void lint_find_as(struct lint *lint, enum check_severity severity, struct doc_origin origin, const char *remediation,
                  const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    find_v(lint, severity, origin, remediation, format, arguments);
    va_end(arguments);
}

// Messages of the engine start with the place; a report has a field of its own for it.
static const char *split_place(struct lint *lint, const char *message, const char **ret_where) {
    LINT_FOREACH_FILE(item, lint) {
        size_t length = strlen(item->file.name);
        if (strncmp(message, item->file.name, length) != 0 || message[length] != ':')
            continue;
        while (message[length] == ':' && message[length + 1] >= '0' && message[length + 1] <= '9')
            length += 1 + strspn(message + length + 1, "0123456789");
        *ret_where = arena_strndup(lint->arena, message, length);
        message += length;
        return message + strspn(message, ": ");
    }
    return message;
}

void lint_find_error(struct lint *lint, const struct error *error, const char *remediation) {
    struct check check = {.severity = lint->rule->severity, .cause = lint->rule->id};
    check.reason = arena_strdup(lint->arena, split_place(lint, error->message, &check.where));
    check.remediation = error->hint ? arena_strdup(lint->arena, error->hint) : remediation;
    lint_add(lint, &check);
}

// --- running ---

// What the engine knows nothing of for lack of something is told as such: silence would count as passed.
static const char *why_skipped(const struct lint *lint, const struct lint_rule *rule) {
    if (str_eq(rule->phase, "charts") && !lint->request->find_chart)
        return NEEDS_CHARTS;
    if (rule->run == lint_rule_templates && !lint->request->parse_template)
        return "no template engine was given";
    if (rule->run == lint_rule_sources && lint->is_predecessor)
        return "the format of this catalog has no fields for sources and reasons";
    return NULL;
}

static void run_rule(struct lint *lint, const struct lint_rule *rule) {
    const char *skipped = why_skipped(lint, rule);
    lint->rule = rule;
    lint->found = 0;
    if (!skipped) {
        rule->run(lint);
        map_done(&lint->seen);
        lint->seen = (struct map){0};
    }
    if (lint->found)
        return;
    report_add(lint->report, &(struct check){.id = rule->id,
                                             .phase = rule->phase,
                                             .status = skipped ? CHECK_NOT_APPLICABLE : CHECK_PASSED,
                                             .severity = rule->severity,
                                             .reason = skipped ? skipped : rule->holds});
}

int lint_catalog(struct arena *arena, const struct lint_request *request, struct report *report, struct error **err) {
    struct lint lint = {.arena = arena, .request = request, .report = report};
    lint_read_files(&lint);
    lint_read_overlays(&lint);
    lint_open_catalog(&lint);
    lint_resolve(&lint);
    int r = request->find_chart ? lint_read_charts(&lint, err) : 0;
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rules); i++)
        run_rule(&lint, &rules[i]);
    lint_done(&lint);
    return r;
}
