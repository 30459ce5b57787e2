// SPDX-License-Identifier: Apache-2.0
// Rules of lint about node tuning: that settings are sound whatever recipe asks for them, that profiles do not
// contradict each other, and that what delivers them is there.
#include "model/tuning.h"
#include "base/text.h"
#include "lint/context.h"
#include "model/constraint_eval.h"

#define FOREACH_SETTING(item, file) DOC_FOREACH_ITEM(item, doc_get(doc_get((file)->doc, "spec"), "settings"))
#define LINT_FOREACH_PROFILE(file, lint) \
    LINT_FOREACH_FILE(file, lint)        \
    if ((file)->kind == LINT_TUNING && (file)->doc)

// --- one setting ---

static void check_verify(struct lint *lint, const struct doc *setting) {
    _cleanup_error_ struct error *error = NULL, *syntax = NULL;
    struct tuning_verify verify;
    struct constraint_expression expression;
    const struct doc *doc = doc_get(setting, "verify");
    if (tuning_verify_from_doc(doc, &verify, &error) < 0)
        lint_find_error(lint, error, "see docs/recipe-format.md for the fields of verify");
    else if (verify.value && constraint_expression_parse(lint->arena, verify.value, &expression, NULL, &syntax) < 0)
        lint_find(lint, doc_get(doc, "value")->origin, "write it as the value of a constraint",
                  "setting '%s' cannot be verified: %s", doc_get_text(setting, "name", ""), syntax->message);
}

static const struct doc *same_setting(const struct lint_file *file, const struct doc *setting) {
    FOREACH_SETTING(item, file)
    if (str_eq(doc_get_text(item, "kind", ""), doc_get_text(setting, "kind", "")) &&
        str_eq(doc_get_text(item, "key", ""), doc_get_text(setting, "key", "")))
        return item;
    return NULL;
}

static void check_fragment(struct lint *lint, const struct doc *setting) {
    if (doc_get(setting, "value"))
        return;
    LINT_FOREACH_PROFILE(file, lint) {
        const struct doc *other = same_setting(file, setting);
        if (doc_get(other, "value"))
            return;
    }
    lint_find(lint, setting->origin, "give it a value, or the kind and key of a setting that has one",
              "no profile gives setting '%s' a value", doc_get_text(setting, "name", ""));
}

void lint_rule_tuning_settings(struct lint *lint) {
    LINT_FOREACH_PROFILE(file, lint) {
        FOREACH_SETTING(setting, file) {
            _cleanup_error_ struct error *error = NULL;
            enum tuning_kind kind;
            if (tuning_check(setting, &kind, &error) < 0) {
                lint_find_error(lint, error, "see docs/recipe-format.md for what each kind of setting takes");
            } else {
                check_verify(lint, setting);
                check_fragment(lint, setting);
            }
        }
    }
}

// --- profiles among each other ---

// Whether some recipe takes both.
static bool can_meet(const struct doc *a, const struct doc *b) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const struct doc *first = doc_get(a, criteria_field_names[i]), *second = doc_get(b, criteria_field_names[i]);
        bool has_common = !first || !second;
        DOC_FOREACH_ITEM(item, first)
        has_common = has_common || doc_list_has(second, doc_text(item));
        if (!has_common)
            return false;
    }
    return true;
}

static void compare(struct lint *lint, const struct lint_file *file, const struct lint_file *other) {
    FOREACH_SETTING(setting, file) {
        const struct doc *twin = same_setting(other, setting);
        const char *value = doc_get_text(setting, "value", NULL), *their = doc_get_text(twin, "value", NULL);
        if (value && their && !str_eq(value, their))
            lint_find(lint, setting->origin, "give one of the profiles one more field in appliesTo",
                      "setting '%s' is '%s' here and '%s' at %s, and only the names of the profiles decide which wins",
                      doc_get_text(setting, "name", ""), value, their, doc_origin_text(lint->arena, twin->origin));
    }
}

void lint_rule_tuning_ties(struct lint *lint) {
    LINT_FOREACH_PROFILE(file, lint) {
        const struct doc *fields = doc_get(doc_get(file->doc, "spec"), "appliesTo");
        LINT_FOREACH_PROFILE(other, lint) {
            const struct doc *theirs = doc_get(doc_get(other->doc, "spec"), "appliesTo");
            if (other > file && doc_count(fields) == doc_count(theirs) && can_meet(fields, theirs))
                compare(lint, file, other);
        }
    }
}

// --- delivery ---

static bool is_package_named(const struct lint *lint, const char *package) {
    LINT_FOREACH_PROFILE(file, lint) {
        FOREACH_SETTING(setting, file)
        if (doc_list_has(doc_get(setting, "packages"), package))
            return true;
    }
    return false;
}

static void check_rule(struct lint *lint, const struct doc *mechanisms, const struct doc *rule) {
    static const char *const refs[] = {"componentRef", "unused"};
    const char *mechanism = doc_get_text(rule, "mechanism", ""), *package = doc_get_text(rule, "package", NULL),
               *component = doc_get_text(rule, "component", NULL);
    bool is_known = false;
    DOC_FOREACH_ITEM(item, mechanisms)
    is_known = is_known || str_eq(doc_get_text(item, "name", NULL), mechanism);
    if (!is_known)
        lint_find(lint, rule->origin, "name one of spec.mechanisms",
                  "a rule names the mechanism '%s', which there is not", mechanism);
    if (package && !doc_get_bool(rule, "always", false) && !is_package_named(lint, package))
        lint_find(lint, rule->origin, "name the package in the settings that it brings, or take the rule out",
                  "no setting comes with the package '%s'", package);
    for (size_t i = 0; i < ARRAY_SIZE(refs); i++) {
        const struct doc *ref = doc_get(rule, refs[i]);
        if (ref && !str_eq(doc_get_text(ref, "name", NULL), component))
            lint_find(lint, ref->origin, "set component to the same name",
                      "%s changes '%s', and the rule does not ask whether that is in the recipe", refs[i],
                      doc_get_text(ref, "name", ""));
    }
}

static void check_packages(struct lint *lint, const struct doc *rules, const struct doc *setting) {
    DOC_FOREACH_ITEM(package, doc_get(setting, "packages")) {
        bool is_known = false;
        DOC_FOREACH_ITEM(rule, rules)
        is_known = is_known || str_eq(doc_get_text(rule, "package", NULL), doc_text(package));
        if (!is_known)
            lint_find(lint, package->origin, "add a rule to tuning/delivery.yaml, or take the package out",
                      "setting '%s' comes with the package '%s', which no rule delivers",
                      doc_get_text(setting, "name", ""), doc_text(package));
    }
}

void lint_rule_tuning_delivery(struct lint *lint) {
    const struct lint_file *delivery = lint_document(lint, LINT_DELIVERY);
    const struct doc *spec = delivery ? doc_get(delivery->doc, "spec") : NULL, *rules = doc_get(spec, "rules");
    DOC_FOREACH_ITEM(rule, rules)
    check_rule(lint, doc_get(spec, "mechanisms"), rule);
    LINT_FOREACH_PROFILE(file, lint) {
        if (!delivery)
            lint_find(lint, lint_file_origin(file), "add tuning/delivery.yaml",
                      "profiles have no effect without tuning/delivery.yaml");
        FOREACH_SETTING(setting, file)
        check_packages(lint, rules, setting);
    }
}
