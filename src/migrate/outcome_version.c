// SPDX-License-Identifier: Apache-2.0
// Versions: what the old configuration asks for against what the recipe pins, and releases that stand in the cluster
// against those that the bundle will make.
#include "base/version.h"
#include "doc/path.h"
#include "migrate/outcome.h"
#include "model/constraint_eval.h"

enum comparison { COMPARISON_NONE, COMPARISON_SAME, COMPARISON_OLDER, COMPARISON_NEWER };

// Of the asked one against the pinned one.
static enum comparison compare(const char *asked, const char *pinned) {
    struct version a, b;
    if (!pinned)
        return COMPARISON_NONE;
    if (!version_parse(asked, &a) || !version_parse(pinned, &b))
        return str_eq(asked, pinned) ? COMPARISON_SAME : COMPARISON_NONE;
    int order = version_compare(&a, &b);
    return order == 0 ? COMPARISON_SAME : order < 0 ? COMPARISON_OLDER : COMPARISON_NEWER;
}

static void record(struct judgement *judgement, const char *component, const char *pinned, const char *comparison) {
    struct migration *migration = judgement->migration;
    struct arena *arena = migration->arena;
    struct doc *row = doc_new_map(arena);
    doc_map_set_text(arena, row, "name", judgement->given->written);
    doc_map_set_text(arena, row, "component", component);
    doc_map_set_text(arena, row, "asked", judgement->given->text);
    doc_map_set_text(arena, row, "shipped", migration_shipped(migration, judgement->given));
    doc_map_set_text(arena, row, "pinned", pinned);
    doc_map_set_text(arena, row, "comparison", comparison);
    doc_list_add(arena, migration->versions, row);
}

// A version of the cluster itself: the recipe does not install it, it demands one.
static int judge_demand(struct judgement *judgement, const char *name, struct error **err) {
    const struct recipe *recipe = judgement->knowledge->recipe;
    struct arena *arena = judgement->migration->arena;
    const struct constraint *constraint = NULL;
    for (size_t i = 0; i < recipe->constraint_count; i++)
        if (str_eq(recipe->constraints[i].name, name))
            constraint = &recipe->constraints[i];
    if (!constraint) {
        record(judgement, NULL, NULL, "not demanded");
        judgement_add_reason(judgement, "The recipe demands none.");
        return 0;
    }
    struct constraint_expression expression;
    struct constraint_verdict verdict = {0};
    int r = constraint_expression_parse(arena, constraint->value, &expression, NULL, err);
    if (r < 0)
        return r;
    constraint_judge(arena, &expression, judgement->given->text, NULL, &verdict);
    judgement_add_target(judgement, "%s %s", name, constraint->value);
    bool is_satisfied = verdict.outcome == CONSTRAINT_SATISFIED;
    record(judgement, NULL, constraint->value, is_satisfied ? "satisfies" : "violates");
    if (is_satisfied)
        return 0;
    judgement_worsen(judgement, VERDICT_DECISION);
    judgement_add_reason(judgement, "The recipe demands %s.", constraint->value);
    judgement_add_todo(judgement, "Upgrade the cluster first, one minor version at a time.");
    return 0;
}

static const char *value_at(struct arena *arena, const struct component *component, const char *path) {
    struct doc_path steps;
    _cleanup_error_ struct error *ignored = NULL;
    if (!component || doc_path_parse(arena, path, &steps, &ignored) < 0)
        return NULL;
    return doc_text(doc_path_find(component->values, &steps, NULL));
}

// Somebody changed it: with a value path it can be kept, a chart's version is part of what was proved together.
static void keep_choice(struct judgement *judgement, const struct doc *rule, const char *component, const char *pinned,
                        enum comparison comparison) {
    const char *path = doc_get_text(rule, "path", NULL), *text = judgement->given->text;
    const char *age = comparison == COMPARISON_NEWER ? "newer" : "older";
    if (path) {
        judgement_worsen(judgement, VERDICT_DECISION);
        judgement_add_reason(judgement, "It was changed from what the release shipped; the recipe has %s.", pinned);
        judgement_add_todo(judgement, "To keep it: cnsctl bundle --set-string %s:%s=%s", component, path, text);
        return;
    }
    judgement_worsen(judgement, VERDICT_DECISION);
    judgement_add_reason(judgement, "It is %s than the recipe's %s, and not what the release shipped.", age, pinned);
    judgement_add_todo(judgement, "Take the recipe's, or pin it in an overlay of your own (--data).");
}

int judge_version(struct judgement *judgement, const struct doc *rule, struct error **err) {
    static const char *const names[] = {"unknown", "same", "older", "newer"};
    const struct migration *migration = judgement->migration;
    const char *demand = doc_get_text(rule, "constraint", NULL), *text = judgement->given->text;
    if (!*text) {
        judgement->verdict = VERDICT_OFF;
        judgement_add_reason(judgement, "Not set.");
        return 0;
    }
    if (demand)
        return judge_demand(judgement, demand, err);
    const char *component = doc_get_text(rule, "component", ""), *path = doc_get_text(rule, "path", NULL);
    struct availability available = availability_find(judgement->knowledge, component);
    const char *pinned =
        path ? value_at(migration->arena, available.component, path) : availability_version(&available);
    enum comparison comparison = compare(text, pinned);
    record(judgement, component, pinned, pinned ? names[comparison] : "none");
    if (!pinned) {
        judgement_worsen(judgement, VERDICT_LOST);
        judgement_add_reason(judgement, "Nothing here pins a version of %s.", component);
        return 0;
    }
    judgement_add_target(judgement, "%s%s%s %s", component, path ? ":" : "", path ? path : "", pinned);
    const char *shipped = migration_shipped(migration, judgement->given);
    if (comparison == COMPARISON_SAME)
        judgement_add_reason(judgement, "The recipe has the same.");
    else if (shipped ? str_eq(shipped, text) : comparison == COMPARISON_OLDER)
        judgement_worsen(judgement, VERDICT_REPLACED);
    else
        keep_choice(judgement, rule, component, pinned, comparison);
    if (comparison != COMPARISON_SAME && judgement->verdict == VERDICT_REPLACED)
        judgement_add_reason(judgement, "The recipe has %s, which was proved together with the rest.", pinned);
    return 0;
}

// --- releases in the cluster ---

static const struct doc *release_doc(struct arena *arena, const char *release, const char *namespace_) {
    struct doc *map = doc_new_map(arena);
    doc_map_set_text(arena, map, "release", release);
    doc_map_set_text(arena, map, "namespace", namespace_);
    return map;
}

static void add_move(struct migration *migration, const struct doc *rule, const struct component *component) {
    struct arena *arena = migration->arena;
    const char *release = doc_get_text(rule, "release", component->name);
    const char *namespace_ = doc_get_text(rule, "namespace", NULL);
    bool stays = str_eq(release, component->name) && str_eq(namespace_, component->namespace_);
    const char *to = arena_printf(arena, "release %s in namespace %s", component->name,
                                  component->namespace_ ? component->namespace_ : "default");
    struct doc *move = doc_new_map(arena);
    doc_map_set_text(arena, move, "component", component->name);
    doc_map_set(arena, move, "from", release_doc(arena, release, namespace_));
    doc_map_set(arena, move, "to", release_doc(arena, component->name, component->namespace_));
    const char *why = stays ? "The old release has the name and namespace that the bundle uses."
                            : "Helm cannot move a release: it is uninstalled and installed anew; its definitions of "
                              "objects (CRDs) stay.";
    const char *todo =
        stays ? "Take it over with ./deploy.sh --adopt, or uninstall it first."
              : arena_printf(arena, "%s%shelm uninstall %s --namespace %s, then deploy the bundle.",
                             doc_get_text(rule, "before", ""), doc_get(rule, "before") ? " " : "", release, namespace_);
    doc_map_set_text(arena, move, "what", todo);
    doc_list_add(arena, migration->moves, move);
    verdict_add(&migration->report,
                &(struct verdict_row){.id = release,
                                      .phase = "releases",
                                      .to = to,
                                      .value = arena_printf(arena, "release %s in namespace %s", release, namespace_),
                                      .why = why,
                                      .todo = todo,
                                      .verdict = VERDICT_DECISION,
                                      .source = rule->origin});
}

void outcome_moves(struct migration *migration, const struct migration_knowledge *knowledge) {
    DOC_FOREACH_ITEM(rule, doc_get(migration->mapping->spec, "deployments")) {
        const struct component *component = recipe_component(knowledge->recipe, doc_get_text(rule, "component", ""));
        if (component && migration_holds(migration, doc_get(rule, "when")))
            add_move(migration, rule, component);
    }
}
