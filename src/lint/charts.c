// SPDX-License-Identifier: Apache-2.0
// Rules of lint that hold values and placement against the charts: values.yaml says which paths there are and what
// stands there, values.schema.json, where a chart has one, which types are allowed. A value of a chart that is null, an
// empty map or an empty text says nothing about what may stand there. A fact with notInChartValues excuses what it
// covers.
#include "base/text.h"
#include "doc/path.h"
#include "lint/context.h"

#define DEPTH_LIMIT 64

struct chart_path {
    const char *steps[DEPTH_LIMIT];
    size_t count;
};

enum chart_answer { CHART_KNOWS, CHART_LACKS, CHART_NO_MAP, CHART_WRONG_TYPE, CHART_UNTOLD };

struct chart_verdict {
    enum chart_answer answer;
    size_t depth; // the steps that led there
    const char *expected;
    struct doc_origin origin; // in the chart
};

// --- charts of components ---

static const char *last_part(const char *chart) {
    const char *slash = chart ? strrchr(chart, '/') : NULL;
    return slash ? slash + 1 : chart;
}

// The registry's chart; an overlay that names another one is rare enough to be looked at by hand.
static const char *chart_name(const struct lint *lint, const char *component) {
    const struct doc *helm = doc_get(lint_registry_entry(lint, component), "helm");
    return last_part(doc_get_text(helm, "defaultChart", NULL));
}

static int read_chart(struct lint *lint, const char *name, struct error **err) {
    const struct lint_chart *chart = NULL;
    if (!name || map_has(&lint->charts, name))
        return 0;
    int r = lint->request->find_chart(lint->arena, lint->request->context, name, &chart, err);
    if (r < 0)
        return r;
    map_put(&lint->charts, arena_strdup(lint->arena, name), (void *)chart);
    DOC_FOREACH_ITEM(item, chart ? doc_get(chart->about, "dependencies") : NULL) {
        r = read_chart(lint, doc_get_text(item, "name", NULL), err);
        if (r < 0)
            return r;
    }
    return 0;
}

static void registry_entries(struct lint *lint, const struct registry_entry **ret, size_t *ret_count) {
    _cleanup_error_ struct error *ignored = NULL;
    *ret_count = 0;
    if (lint->catalog && catalog_registry(lint->catalog, ret, ret_count, &ignored) < 0)
        *ret_count = 0;
}

int lint_read_charts(struct lint *lint, struct error **err) {
    const struct registry_entry *entries = NULL;
    size_t count;
    int r = 0;
    registry_entries(lint, &entries, &count);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = read_chart(lint, chart_name(lint, entries[i].name), err);
    return r;
}

static const struct lint_chart *chart_of(const struct lint *lint, const char *component) {
    const char *name = chart_name(lint, component);
    return name ? map_get(&lint->charts, name) : NULL;
}

void lint_rule_charts_known(struct lint *lint) {
    const struct registry_entry *entries = NULL;
    size_t count;
    registry_entries(lint, &entries, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = chart_name(lint, entries[i].name);
        const struct lint_chart *chart = name ? map_get(&lint->charts, name) : NULL;
        if (!name || (chart && chart->values))
            continue;
        struct check check = {
            .status = CHECK_NOT_CHECKED,
            .severity = SEVERITY_WARNING,
            .where = doc_origin_text(lint->arena, entries[i].doc->origin),
            .cause = "no-chart",
            .reason = arena_printf(lint->arena, "the values of %s were not compared: there is no chart '%s'",
                                   entries[i].name, name),
            .remediation = arena_printf(lint->arena, "put its values.yaml into a folder %s beside the others", name),
        };
        lint_add(lint, &check);
    }
}

// --- what a chart says of a path ---

static const struct lint_chart *subchart(const struct lint *lint, const struct lint_chart *chart, const char *step,
                                         bool *ret_is_subchart) {
    DOC_FOREACH_ITEM(item, doc_get(chart->about, "dependencies")) {
        const char *name = doc_get_text(item, "name", ""), *alias = doc_get_text(item, "alias", name);
        if (!str_eq(alias, step))
            continue;
        *ret_is_subchart = true;
        return map_get(&lint->charts, name);
    }
    return NULL;
}

static bool says_nothing(const struct doc *value) {
    if (!value || value->kind == DOC_NULL)
        return true;
    return value->kind == DOC_STRING ? value->length == 0 : value->kind == DOC_MAP && doc_count(value) == 0;
}

static const struct doc *schema_property(const struct doc *schema, const struct chart_path *path) {
    for (size_t i = 0; i < path->count && schema; i++)
        schema = doc_get(doc_get(schema, "properties"), path->steps[i]);
    return schema;
}

static const char *type_name(const struct doc *value) {
    static const char *const names[] = {
        [DOC_NULL] = "null",     [DOC_BOOL] = "boolean", [DOC_INT] = "integer", [DOC_FLOAT] = "number",
        [DOC_STRING] = "string", [DOC_LIST] = "array",   [DOC_MAP] = "object",
    };
    return names[value->kind];
}

static bool allows(const char *allowed, const struct doc *value) {
    return str_eq(allowed, type_name(value)) || (str_eq(allowed, "number") && value->kind == DOC_INT);
}

// NULL: the schema does not tell.
static const char *schema_type(struct lint *lint, const struct doc *property, const struct doc *value,
                               bool *ret_allows) {
    const struct doc *type = doc_get(property, "type");
    _cleanup_text_ struct text all = {0};
    *ret_allows = doc_is(type, DOC_STRING) && allows(type->text, value);
    if (doc_is(type, DOC_STRING))
        return type->text;
    DOC_FOREACH_ITEM(item, type) {
        *ret_allows = *ret_allows || allows(doc_text(item), value);
        text_addf(&all, "%s%s", all.length ? " or " : "", doc_text(item));
    }
    return all.length ? arena_strdup(lint->arena, text_str(&all)) : NULL;
}

static bool is_number(const struct doc *value) {
    return value->kind == DOC_INT || value->kind == DOC_FLOAT;
}

static void judge_type(struct lint *lint, const struct lint_chart *chart, const struct chart_path *path,
                       const struct doc *theirs, const struct doc *ours, struct chart_verdict *verdict) {
    bool is_allowed = true;
    // A null takes a default of the chart away, whatever that was.
    if (!ours || ours->kind == DOC_NULL)
        return;
    const char *expected = schema_type(lint, schema_property(chart->schema, path), ours, &is_allowed);
    if (!expected && !says_nothing(theirs)) {
        expected = type_name(theirs);
        is_allowed = theirs->kind == ours->kind || (is_number(theirs) && is_number(ours));
    }
    if (!expected || is_allowed)
        return;
    verdict->answer = CHART_WRONG_TYPE;
    verdict->expected = expected;
    verdict->origin = theirs ? theirs->origin : (struct doc_origin){0};
}

// A container's resources are known to everyone, whatever part of them the chart sets.
static bool is_resource(const struct chart_path *path, size_t index) {
    static const char *const parts[] = {"requests", "limits", "claims"};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (index && str_eq(path->steps[index - 1], "resources") && str_eq(path->steps[index], parts[i]))
            return true;
    return false;
}

static struct chart_verdict ask(struct lint *lint, const struct lint_chart *chart, const struct chart_path *path,
                                const struct doc *ours);

static struct chart_verdict ask_subchart(struct lint *lint, const struct lint_chart *chart,
                                         const struct chart_path *path, const struct doc *ours, size_t depth) {
    bool is_subchart = false;
    const struct lint_chart *sub = subchart(lint, chart, path->steps[0], &is_subchart);
    const struct doc *known =
        schema_property(chart->schema, &(struct chart_path){.steps = {path->steps[0]}, .count = 1});
    if (is_subchart && path->count > 1 && sub && sub != chart) {
        struct chart_path rest = {.count = path->count - 1};
        memcpy(rest.steps, path->steps + 1, rest.count * sizeof *rest.steps);
        struct chart_verdict verdict = ask(lint, sub, &rest, ours);
        verdict.depth++;
        return verdict;
    }
    if (is_subchart || str_eq(path->steps[0], "global"))
        return (struct chart_verdict){.answer = is_subchart ? CHART_UNTOLD : CHART_KNOWS};
    if (known && schema_property(chart->schema, path))
        return (struct chart_verdict){.answer = CHART_KNOWS};
    return (struct chart_verdict){.answer = CHART_LACKS, .depth = depth + 1};
}

static struct chart_verdict ask(struct lint *lint, const struct lint_chart *chart, const struct chart_path *path,
                                const struct doc *ours) {
    struct chart_verdict verdict = {.answer = CHART_KNOWS};
    const struct doc *node = chart->values;
    if (!node)
        return (struct chart_verdict){.answer = CHART_UNTOLD};
    for (size_t i = 0; i < path->count; i++) {
        // A chart that has no values at all has none of ours either.
        if ((i && says_nothing(node)) || is_resource(path, i))
            return verdict;
        if (node->kind != DOC_MAP)
            return (struct chart_verdict){
                .answer = CHART_NO_MAP, .depth = i, .expected = type_name(node), .origin = node->origin};
        if (!doc_get(node, path->steps[i]))
            return ask_subchart(lint, chart, path, ours, i);
        node = doc_get(node, path->steps[i]);
    }
    judge_type(lint, chart, path, node, ours, &verdict);
    return verdict;
}

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
        .actual = type_name(ours),
        .where = doc_origin_text(lint->arena, place->origin),
        .source = verdict->origin.source ? doc_origin_text(lint->arena, verdict->origin) : NULL,
        .cause = "type-differs",
        .reason = arena_printf(lint->arena, "the value %s of %s is of type %s; the %s has type %s there", path,
                               place->component, type_name(ours), chart_label(lint, place->chart), verdict->expected),
        .remediation =
            "write a value of the chart's type, or say why it is right with a fact that has notInChartValues",
    };
    lint_add(lint, &check);
}

static void check_leaf(struct lint *lint, const struct value_place *place, const struct doc *ours, bool wants_types) {
    struct chart_verdict verdict = ask(lint, place->chart, &place->path, ours);
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

static void check_place(struct lint *lint, const struct registry_entry *entry, const struct lint_chart *chart,
                        const struct doc *path) {
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
}

static void check_places(struct lint *lint, const struct registry_entry *entry, const struct lint_chart *chart,
                         const struct doc *doc) {
    DOC_FOREACH_MEMBER(member, doc)
    check_places(lint, entry, chart, member->value);
    DOC_FOREACH_ITEM(item, doc)
    check_place(lint, entry, chart, item);
}

void lint_rule_chart_placement(struct lint *lint) {
    const struct registry_entry *entries = NULL;
    size_t count;
    registry_entries(lint, &entries, &count);
    for (size_t i = 0; i < count; i++) {
        const struct lint_chart *chart = chart_of(lint, entries[i].name);
        if (!chart)
            continue;
        check_places(lint, &entries[i], chart, doc_get(entries[i].doc, "nodeScheduling"));
        check_places(lint, &entries[i], chart, doc_get(entries[i].doc, "podScheduling"));
        check_places(lint, &entries[i], chart, doc_get(entries[i].doc, "storageClassPaths"));
        check_places(lint, &entries[i], chart, doc_get(entries[i].doc, "sharedStorageClassPaths"));
    }
}
