// SPDX-License-Identifier: Apache-2.0
// What charts tell: values.yaml says which paths there are and what stands there, values.schema.json, where a chart has
// one, which types are allowed. A value of a chart that is null, an empty map or an empty text says nothing about what
// may stand there.
#include "lint/charts.h"
#include "base/text.h"

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

void chart_registry_entries(struct lint *lint, const struct registry_entry **ret, size_t *ret_count) {
    _cleanup_error_ struct error *ignored = NULL;
    *ret_count = 0;
    if (lint->catalog && catalog_registry(lint->catalog, ret, ret_count, &ignored) < 0)
        *ret_count = 0;
}

int lint_read_charts(struct lint *lint, struct error **err) {
    const struct registry_entry *entries = NULL;
    size_t count;
    int r = 0;
    chart_registry_entries(lint, &entries, &count);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = read_chart(lint, chart_name(lint, entries[i].name), err);
    return r;
}

const struct lint_chart *chart_of(const struct lint *lint, const char *component) {
    const char *name = chart_name(lint, component);
    return name ? map_get(&lint->charts, name) : NULL;
}

void lint_rule_charts_known(struct lint *lint) {
    const struct registry_entry *entries = NULL;
    size_t count;
    chart_registry_entries(lint, &entries, &count);
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

const char *chart_type_name(const struct doc *value) {
    static const char *const names[] = {
        [DOC_NULL] = "null",     [DOC_BOOL] = "boolean", [DOC_INT] = "integer", [DOC_FLOAT] = "number",
        [DOC_STRING] = "string", [DOC_LIST] = "array",   [DOC_MAP] = "object",
    };
    return names[value->kind];
}

static bool allows(const char *allowed, const struct doc *value) {
    return str_eq(allowed, chart_type_name(value)) || (str_eq(allowed, "number") && value->kind == DOC_INT);
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
        expected = chart_type_name(theirs);
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

static struct chart_verdict ask_subchart(struct lint *lint, const struct lint_chart *chart,
                                         const struct chart_path *path, const struct doc *ours, size_t depth) {
    bool is_subchart = false;
    const struct lint_chart *sub = subchart(lint, chart, path->steps[0], &is_subchart);
    const struct doc *known =
        schema_property(chart->schema, &(struct chart_path){.steps = {path->steps[0]}, .count = 1});
    if (is_subchart && path->count > 1 && sub && sub != chart) {
        struct chart_path rest = {.count = path->count - 1};
        memcpy(rest.steps, path->steps + 1, rest.count * sizeof *rest.steps);
        struct chart_verdict verdict = chart_ask(lint, sub, &rest, ours);
        verdict.depth++;
        return verdict;
    }
    if (is_subchart || str_eq(path->steps[0], "global"))
        return (struct chart_verdict){.answer = is_subchart ? CHART_UNTOLD : CHART_KNOWS};
    if (known && schema_property(chart->schema, path))
        return (struct chart_verdict){.answer = CHART_KNOWS};
    return (struct chart_verdict){.answer = CHART_LACKS, .depth = depth + 1};
}

struct chart_verdict chart_ask(struct lint *lint, const struct lint_chart *chart, const struct chart_path *path,
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
                .answer = CHART_NO_MAP, .depth = i, .expected = chart_type_name(node), .origin = node->origin};
        if (!doc_get(node, path->steps[i]))
            return ask_subchart(lint, chart, path, ours, i);
        node = doc_get(node, path->steps[i]);
    }
    judge_type(lint, chart, path, node, ours, &verdict);
    return verdict;
}
