// SPDX-License-Identifier: Apache-2.0
// Rules of lint about upgrade notes (components/<name>/upgrades.yaml): every transition is bounded and says what to do,
// and together they answer for every version that somebody may come from to the version that the registry pins.
#include "base/text.h"
#include "lint/context.h"
#include "model/version_range.h"

static const char *const verdicts[] = {"safe", "manual", "blocked"};

struct transition {
    const struct doc *doc;
    struct version_range from, to;
};

static const char *pin_of(const struct doc *entry) {
    const char *version = doc_get_text(doc_get(entry, "helm"), "defaultVersion", NULL);
    return version ? version : doc_get_text(doc_get(entry, "kustomize"), "defaultTag", NULL);
}

// Why notes about that component can lead nowhere; NULL when they can, or when unpinned-version tells it.
static const char *why_unversioned(struct lint *lint, const char *component, const struct doc *entry) {
    if (!entry)
        return arena_printf(lint->arena, "component '%s' is not in the registry", component);
    if (pin_of(entry))
        return arena_printf(lint->arena, "the version '%s' of %s has no order", pin_of(entry), component);
    if (doc_get(entry, "helm") || doc_get(entry, "kustomize"))
        return NULL;
    return arena_printf(lint->arena, "component '%s' has no version to upgrade", component);
}

// The version that the registry pins for the component of a file of upgrade notes; what stands in the way is told.
static const char *read_pin(struct lint *lint, const struct lint_file *file, struct version *ret) {
    const struct doc *entry = lint_registry_entry(lint, file->component);
    const char *pin = pin_of(entry);
    if (pin && version_parse(pin, ret))
        return pin;
    const char *reason = why_unversioned(lint, file->component, entry);
    if (reason)
        lint_find(lint, lint_file_origin(file),
                  entry ? "delete the notes: what has no version of its own goes with its recipe"
                        : "add an entry to registry.yaml, or delete the notes",
                  "%s", reason);
    return NULL;
}

// --- single transitions ---

static bool read_bounds(struct lint *lint, const struct doc *transition, const char *key, struct version_range *ret) {
    const struct doc *text = doc_get(transition, key);
    if (doc_is_scalar(text) && version_range_read(lint->arena, doc_text(text), ret))
        return true;
    lint_find(lint, text ? text->origin : transition->origin,
              "write one or two bounds, such as '< 26.3' or '>= 26.3, < 26.8'",
              text ? "'%s' of a transition is no range of versions" : "a transition has no '%s'", key);
    return false;
}

static void check_bounds(struct lint *lint, const struct transition *transition) {
    const struct doc *from = doc_get(transition->doc, "from"), *to = doc_get(transition->doc, "to");
    if (!transition->from.upper.clause)
        lint_find(lint, from->origin, "add an upper bound, such as '< 26.3'",
                  "'from: %s' has no upper bound, so that it would hold for versions nobody has seen", doc_text(from));
    if (!transition->to.upper.clause || !transition->to.lower.clause)
        lint_find(lint, to->origin, "bound it at both ends, such as '>= 26.3, < 26.8'",
                  "'to: %s' is open at one end, so that it would hold for versions nobody has seen", doc_text(to));
    else if (version_range_is_empty(&transition->to.lower, &transition->to.upper))
        lint_find(lint, to->origin, "the lower bound stands first", "no version lies in 'to: %s'", doc_text(to));
    if (version_range_is_empty(&transition->from.lower, &transition->from.upper))
        lint_find(lint, from->origin, "the lower bound stands first", "no version lies in 'from: %s'", doc_text(from));
}

// "Safe" is a promise: somebody must have tried, and nobody can have tried what comes after the pin.
static void check_safe(struct lint *lint, const struct transition *transition, const char *pin,
                       const struct version *pinned) {
    const struct doc *to = doc_get(transition->doc, "to");
    if (str_is_empty(doc_get_text(transition->doc, "verifiedBy", NULL)))
        lint_find(lint, transition->doc->origin, "say with verifiedBy who ran this upgrade, or make it manual",
                  "a transition is called safe, but nothing says how that was verified");
    if (transition->to.upper.clause && version_compare(&transition->to.upper.version, pinned) > 0)
        lint_find(lint, to->origin, arena_printf(lint->arena, "let it end at the pin: '<= %s'", pin),
                  "a transition is called safe up to '%s', which goes beyond the pinned %s", doc_text(to), pin);
}

static void check_verdict(struct lint *lint, const struct transition *transition, const char *pin,
                          const struct version *pinned) {
    const struct doc *node = doc_get(transition->doc, "verdict");
    const char *verdict = doc_is_scalar(node) ? doc_text(node) : "";
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
        is_known = is_known || str_eq(verdict, verdicts[i]);
    if (!is_known)
        lint_find(lint, node ? node->origin : transition->doc->origin,
                  lint_suggest(lint, verdict, verdicts, ARRAY_SIZE(verdicts), "write safe, manual or blocked"),
                  "verdict '%s' of a transition is unknown", verdict);
    else if (str_eq(verdict, "safe") && pin)
        check_safe(lint, transition, pin, pinned);
    else if (!str_eq(verdict, "safe") && !doc_count(doc_get(transition->doc, "steps")))
        lint_find(lint, node->origin, "list the steps: what to check, what to do, which way leads around",
                  "a transition is %s, but has no steps", verdict);
}

static void check_texts(struct lint *lint, const struct doc *transition) {
    const struct doc *steps = doc_get(transition, "steps"), *reversible = doc_get(transition, "reversible");
    if (str_is_empty(doc_get_text(transition, "summary", NULL)))
        lint_find(lint, transition->origin, "add a summary of one or two sentences", "a transition has no summary");
    if (steps && !doc_is(steps, DOC_LIST))
        lint_find(lint, steps->origin, "write a list of texts", "the steps of a transition are no list");
    DOC_FOREACH_ITEM(step, steps)
    if (!doc_is_scalar(step))
        lint_find(lint, step->origin, "write a text; put it in quotes when it holds ': '",
                  "a step of a transition is a %s, not a text", doc_kind_name(step->kind));
    if (reversible && !doc_is(reversible, DOC_BOOL))
        lint_find(lint, reversible->origin, "write true or false, or leave it out where nobody knows",
                  "'reversible' must be true or false");
}

static bool read_transition(struct lint *lint, const struct doc *item, struct transition *ret) {
    *ret = (struct transition){.doc = item};
    if (!doc_is(item, DOC_MAP)) {
        lint_find(lint, item->origin, "write a map with from, to, verdict, summary, ...", "a transition is no map");
        return false;
    }
    bool has_from = read_bounds(lint, item, "from", &ret->from);
    bool has_to = read_bounds(lint, item, "to", &ret->to);
    return has_from && has_to;
}

static void check_notes(struct lint *lint, const struct lint_file *file) {
    struct version pinned;
    const char *pin = read_pin(lint, file, &pinned);
    const struct doc *list = doc_get(file->doc, "transitions");
    if (!doc_count(list) || !doc_is(list, DOC_LIST))
        lint_find(lint, lint_file_origin(file), "list transitions, or delete the notes", "there are no transitions");
    DOC_FOREACH_ITEM(item, list) {
        struct transition transition;
        if (read_transition(lint, item, &transition))
            check_bounds(lint, &transition);
        if (!doc_is(item, DOC_MAP))
            continue;
        check_verdict(lint, &transition, pin, &pinned);
        check_texts(lint, item);
    }
}

void lint_rule_upgrade_notes(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_UPGRADES && doc_is(file->doc, DOC_MAP))
            check_notes(lint, file);
    }
}

// --- all of them together ---

// All versions below `version` have an answer, and it too when is_inside; a NULL text stands for none.
struct covered {
    const char *text;
    struct version version;
    bool is_inside;
};

static bool extends(const struct covered *covered, const struct version_range *from) {
    if (!from->lower.clause)
        return true;
    if (!covered->text)
        return false;
    int order = version_compare(&from->lower.version, &covered->version);
    return order < 0 || (order == 0 && (from->lower.is_inclusive || covered->is_inside));
}

static bool cover(struct covered *covered, const struct version_range *from) {
    if (!from->upper.clause || !extends(covered, from))
        return false;
    int order = covered->text ? version_compare(&from->upper.version, &covered->version) : 1;
    if (order < 0 || (order == 0 && (covered->is_inside || !from->upper.is_inclusive)))
        return false;
    *covered = (struct covered){
        .text = from->upper.clause->operand, .version = from->upper.version, .is_inside = from->upper.is_inclusive};
    return true;
}

static void check_coverage(struct lint *lint, const struct lint_file *file, const char *pin,
                           const struct version *pinned) {
    const struct doc *list = doc_get(file->doc, "transitions");
    struct version_range *from = arena_new_array(lint->arena, struct version_range, doc_count(list));
    size_t count = 0;
    DOC_FOREACH_ITEM(item, list) {
        struct version_range to;
        if (version_range_read(lint->arena, doc_get_text(item, "from", ""), &from[count]) &&
            version_range_read(lint->arena, doc_get_text(item, "to", ""), &to) && version_range_has(&to, pinned))
            count++;
    }
    const struct doc_origin origin = list ? list->origin : lint_file_origin(file);
    const char *remedy = "add a transition; where nothing is known: verdict manual, with what to check";
    struct covered covered = {0};
    for (bool grows = true; grows;) {
        grows = false;
        for (size_t i = 0; i < count; i++)
            grows = cover(&covered, &from[i]) || grows;
    }
    if (!count)
        lint_find(lint, origin, remedy, "no transition of %s leads to the pinned version %s", file->component, pin);
    else if (!covered.text)
        lint_find(lint, origin, remedy, "the oldest versions of %s have no transition to the pinned %s",
                  file->component, pin);
    else if (version_compare(&covered.version, pinned) < 0)
        lint_find(lint, origin, remedy, "no transition of %s leads from %s%s to the pinned %s", file->component,
                  covered.is_inside ? "above " : "", covered.text, pin);
}

void lint_rule_upgrade_coverage(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        struct version pinned;
        const char *pin = pin_of(file->kind == LINT_UPGRADES ? lint_registry_entry(lint, file->component) : NULL);
        if (file->doc && pin && version_parse(pin, &pinned))
            check_coverage(lint, file, pin, &pinned);
    }
}
