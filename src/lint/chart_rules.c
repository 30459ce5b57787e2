// SPDX-License-Identifier: Apache-2.0
// Rules of lint that hold values and placement against the charts. A fact with notInChartValues excuses what it covers.
#include "base/text.h"
#include "doc/path.h"
#include "lint/charts.h"

// --- what we set ---

static const char *path_text(const struct lint *lint, const struct chart_path *path, size_t count) {
    _cleanup_text_ struct text text = {0};
    for (size_t i = 0; i < count; i++)
        text_addf(&text, "%s%s", i ? "." : "", path->steps[i]);
    return arena_strdup(lint->arena, text_str(&text));
}

static bool is_excused(const struct lint *lint, const char *component, const char *path) {
    const struct lint_file *file = lint_file(lint, arena_printf(lint->arena, "components/%s/facts.yaml", component));
    DOC_FOREACH_ITEM(item, file ? doc_get(file->doc, "facts") : NULL) {
        const char *about = doc_get_text(item, "path", "");
        size_t length = strlen(about);
        if (doc_get_text(item, "notInChartValues", NULL) && strncmp(about, path, length) == 0 &&
            (!path[length] || path[length] == '.'))
            return true;
    }
    return false;
}

struct value_place {
    const char *component;
    const struct lint_chart *chart;
    struct chart_path path;
    struct doc_origin origin;
};

static const char *chart_label(const struct lint *lint, const struct lint_chart *chart) {
    const char *version = doc_get_text(chart->about, "version", NULL);
    return version ? arena_printf(lint->arena, "chart %s %s", chart->name, version)
                   : arena_printf(lint->arena, "chart %s", chart->name);
}

static void tell_path(struct lint *lint, const struct value_place *place, const struct chart_verdict *verdict) {
    const char *path = path_text(lint, &place->path, place->path.count);
    const char *stop = path_text(lint, &place->path, verdict->depth);
    const char *remedy = "correct the path, or say why it is right with a fact that has notInChartValues";
    if (verdict->answer == CHART_LACKS)
        lint_find(lint, place->origin, remedy, "the value %s of %s goes nowhere: the %s has no %s", path,
                  place->component, chart_label(lint, place->chart), stop);
    else if (verdict->answer == CHART_NO_MAP)
        lint_find(lint, place->origin, remedy, "the value %s of %s goes nowhere: in the %s, %s is of type %s (%s)",
                  path, place->component, chart_label(lint, place->chart), stop, verdict->expected,
                  doc_origin_text(lint->arena, verdict->origin));
}

// What a subchart would have to tell is not checked, once for each subchart.
static void tell_untold(struct lint *lint, const struct value_place *place) {
    struct check check = {
        .status = CHECK_NOT_CHECKED,
        .severity = SEVERITY_WARNING,
        .where = doc_origin_text(lint->arena, place->origin),
        .cause = "no-chart",
        .reason = arena_printf(lint->arena, "values of %s below %s belong to a subchart that is not there",
                               place->component, place->path.steps[0]),
        .remediation = "put the subchart's values.yaml into a folder of its name beside the others",
    };
    if (map_put(&lint->seen, check.reason, lint))
        lint_add(lint, &check);
}

static void tell_type(struct lint *lint, const struct value_place *place, const struct chart_verdict *verdict,
                      const struct doc *ours) {
    const char *path = path_text(lint, &place->path, place->path.count);
    struct check check = {
        .severity = SEVERITY_ERROR,
        .expected = verdict->expected,
        .actual = chart_type_name(ours),
        .where = doc_origin_text(lint->arena, place->origin),
        .source = verdict->origin.source ? doc_origin_text(lint->arena, verdict->origin) : NULL,
        .cause = "type-differs",
        .reason =
            arena_printf(lint->arena, "the value %s of %s is of type %s; the %s has type %s there", path,
                         place->component, chart_type_name(ours), chart_label(lint, place->chart), verdict->expected),
        .remediation =
            "write a value of the chart's type, or say why it is right with a fact that has notInChartValues",
    };
    lint_add(lint, &check);
}

static void check_leaf(struct lint *lint, const struct value_place *place, const struct doc *ours, bool wants_types) {
    struct chart_verdict verdict = chart_ask(lint, place->chart, &place->path, ours);
    if (is_excused(lint, place->component, path_text(lint, &place->path, place->path.count)))
        return;
    if (wants_types && verdict.answer == CHART_WRONG_TYPE)
        tell_type(lint, place, &verdict, ours);
    else if (!wants_types && verdict.answer == CHART_UNTOLD)
        tell_untold(lint, place);
    else if (!wants_types)
        tell_path(lint, place, &verdict);
}

static void check_values(struct lint *lint, struct value_place *place, const struct doc *ours, bool wants_types) {
    if (!doc_is(ours, DOC_MAP) || !doc_count(ours)) {
        if (place->path.count)
            check_leaf(lint, place, ours, wants_types);
        return;
    }
    DOC_FOREACH_MEMBER(member, ours) {
        // The recipe's own switch, which takes the component out, is no value of the chart.
        bool is_switch = !place->path.count && str_eq(member->key, "enabled");
        if (is_switch || place->path.count == DEPTH_LIMIT)
            continue;
        place->path.steps[place->path.count++] = member->key;
        place->origin = member->key_origin;
        check_values(lint, place, member->value, wants_types);
        place->path.count--;
    }
}

static void check_all_values(struct lint *lint, bool wants_types) {
    LINT_FOREACH_FILE(file, lint) {
        struct value_place place = {.component = file->component};
        if (file->kind == LINT_VALUES && file->doc && (place.chart = chart_of(lint, file->component)))
            check_values(lint, &place, file->doc, wants_types);
    }
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs")) {
            struct value_place place = {.component = doc_get_text(ref, "name", "")};
            place.chart = chart_of(lint, place.component);
            if (place.chart)
                check_values(lint, &place, doc_get(ref, "overrides"), wants_types);
        }
    }
}

void lint_rule_chart_values(struct lint *lint) {
    check_all_values(lint, false);
}

void lint_rule_chart_types(struct lint *lint) {
    check_all_values(lint, true);
}

// --- placement ---

// What each kind of path takes.
static const struct {
    const char *key;
    enum doc_kind kind;
} placements[] = {
    {"nodeSelectorPaths", DOC_MAP},          {"tolerationPaths", DOC_LIST},
    {"taintStrPaths", DOC_STRING},           {"nodeCountPaths", DOC_INT},
    {"workloadSelectorPaths", DOC_MAP},      {"storageClassPaths", DOC_STRING},
    {"sharedStorageClassPaths", DOC_STRING},
};

// A value of the kind that options write there; NULL: any kind will do.
static const struct doc *sample(struct arena *arena, const char *key) {
    for (size_t i = 0; i < ARRAY_SIZE(placements); i++) {
        if (!str_eq(placements[i].key, key))
            continue;
        switch (placements[i].kind) {
        case DOC_MAP:
            return doc_new_map(arena);
        case DOC_LIST:
            return doc_new_list(arena);
        case DOC_INT:
            return doc_new_int(arena, 1);
        default:
            return doc_new_string(arena, "text");
        }
    }
    return NULL;
}

static void check_place_type(struct lint *lint, const struct value_place *place, const char *path,
                             const struct doc *taken) {
    struct chart_verdict verdict = chart_ask(lint, place->chart, &place->path, taken);
    if (verdict.answer == CHART_WRONG_TYPE && !is_excused(lint, place->component, path))
        lint_find(lint, place->origin, "name the path that takes it, or take this one out",
                  "the path %s of %s is filled with a value of type %s; the %s has type %s there", path,
                  place->component, chart_type_name(taken), chart_label(lint, place->chart), verdict.expected);
}

static void check_place(struct lint *lint, const struct registry_entry *entry, const struct lint_chart *chart,
                        const char *key, const struct doc *path) {
    struct doc_path parsed;
    struct value_place place = {.component = entry->name, .chart = chart, .origin = path->origin};
    _cleanup_error_ struct error *error = NULL;
    if (!doc_is_scalar(path) || doc_path_parse(lint->arena, doc_text(path), &parsed, &error) < 0) {
        lint_find(lint, path->origin, "write a dotted path", "%s",
                  error ? error->message : "a value path must be a text");
        return;
    }
    for (size_t i = 0; i < parsed.count && i < DEPTH_LIMIT && parsed.steps[i].key; i++)
        place.path.steps[place.path.count++] = parsed.steps[i].key;
    check_leaf(lint, &place, NULL, false);
    check_place_type(lint, &place, doc_text(path), sample(lint->arena, key));
}

static void check_places(struct lint *lint, const struct registry_entry *entry, const struct lint_chart *chart,
                         const char *key, const struct doc *doc) {
    DOC_FOREACH_MEMBER(member, doc)
    check_places(lint, entry, chart, member->key, member->value);
    DOC_FOREACH_ITEM(item, doc)
    check_place(lint, entry, chart, key, item);
}

void lint_rule_chart_placement(struct lint *lint) {
    static const char *const sections[] = {"nodeScheduling", "podScheduling", "storageClassPaths",
                                           "sharedStorageClassPaths"};
    const struct registry_entry *entries = NULL;
    size_t count;
    chart_registry_entries(lint, &entries, &count);
    for (size_t i = 0; i < count; i++) {
        const struct lint_chart *chart = chart_of(lint, entries[i].name);
        for (size_t k = 0; chart && k < ARRAY_SIZE(sections); k++)
            check_places(lint, &entries[i], chart, sections[k], doc_get(entries[i].doc, sections[k]));
    }
}
