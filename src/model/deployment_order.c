// SPDX-License-Identifier: Apache-2.0
#include "model/deployment_order.h"
#include "base/suggest.h"
#include "base/text.h"

#include <stdlib.h>

// One component while it is being ordered. Components are few (tens), so sets are plain arrays.
struct node {
    const struct component *component;
    size_t waiting_for; // dependencies not yet placed
    bool is_placed;
    unsigned char mark; // of the search for a cycle: 0 new, 1 on the path, 2 done
};

struct graph {
    struct arena *arena;
    struct node *nodes; // sorted by name
    size_t count;
};

static size_t find(const struct graph *graph, const char *name) {
    for (size_t i = 0; i < graph->count; i++)
        if (str_eq(graph->nodes[i].component->name, name))
            return i;
    return graph->count;
}

static int unknown_dependency(const struct graph *graph, const struct component *component, const struct doc *reference,
                              struct error **err) {
    const char **names = arena_new_array(graph->arena, const char *, graph->count);
    for (size_t i = 0; i < graph->count; i++)
        names[i] = graph->nodes[i].component->name;
    const char *nearest = suggest_nearest(doc_text(reference), names, graph->count);
    doc_error(err, ERROR_INVALID, reference->origin, "component '%s' depends on '%s', which is not part of the recipe",
              component->name, doc_text(reference));
    return nearest
               ? error_hint(err, "did you mean '%s'?", nearest)
               : error_hint(err, "add '%s' to componentRefs, or take it out of dependencyRefs", doc_text(reference));
}

static int compare_nodes(const void *a, const void *b) {
    return strcmp(((const struct node *)a)->component->name, ((const struct node *)b)->component->name);
}

// Depth first; `path` holds the names on the way down, and the cycle is its tail.
static bool find_cycle(const struct graph *graph, size_t index, struct text *path) {
    struct node *node = &graph->nodes[index];
    size_t length = path->length;
    text_addf(path, "%s -> ", node->component->name);
    if (node->mark == 1)
        return true;
    node->mark = 1;
    DOC_FOREACH_ITEM(reference, node->component->dependency_refs) {
        size_t next = find(graph, doc_text(reference));
        if (graph->nodes[next].mark != 2 && find_cycle(graph, next, path))
            return true;
    }
    node->mark = 2;
    text_truncate(path, length);
    return false;
}

static int report_cycle(const struct graph *graph, struct error **err) {
    _cleanup_text_ struct text path = {0};
    for (size_t i = 0; i < graph->count; i++)
        if (!graph->nodes[i].is_placed && graph->nodes[i].mark == 0 && find_cycle(graph, i, &path))
            break;
    text_truncate(&path, path.length - strlen(" -> "));
    const char *last = strrchr(path.bytes, ' ') + 1;
    const char *start = path.bytes;
    while (!(str_has_prefix(start, last) && start[strlen(last)] == ' '))
        start = strchr(start, '>') + 2;
    size_t index = find(graph, last);
    return doc_error(err, ERROR_INVALID, graph->nodes[index].component->dependency_refs->origin,
                     "the dependencies of components go round in a circle: %s", start);
}

static int count_dependencies(const struct graph *graph, struct error **err) {
    for (size_t i = 0; i < graph->count; i++) {
        const struct component *component = graph->nodes[i].component;
        DOC_FOREACH_ITEM(reference, component->dependency_refs) {
            if (find(graph, doc_text(reference)) == graph->count)
                return unknown_dependency(graph, component, reference, err);
            graph->nodes[i].waiting_for++;
        }
    }
    return 0;
}

static void place(const struct graph *graph, size_t index) {
    graph->nodes[index].is_placed = true;
    const char *name = graph->nodes[index].component->name;
    for (size_t i = 0; i < graph->count; i++)
        DOC_FOREACH_ITEM(reference, graph->nodes[i].component->dependency_refs)
    if (str_eq(doc_text(reference), name))
        graph->nodes[i].waiting_for--;
}

int deployment_order(struct arena *arena, const struct component *components, size_t count, const char ***ret,
                     struct error **err) {
    struct graph graph = {.arena = arena, .nodes = arena_new_array(arena, struct node, count), .count = count};
    for (size_t i = 0; i < count; i++)
        graph.nodes[i].component = &components[i];
    qsort(graph.nodes, count, sizeof *graph.nodes, compare_nodes);
    int r = count_dependencies(&graph, err);
    if (r < 0)
        return r;
    const char **order = arena_new_array(arena, const char *, count);
    for (size_t placed = 0; placed < count; placed++) {
        // The nodes are sorted, so the first that is ready is the one with the smallest name.
        size_t next = 0;
        while (next < count && (graph.nodes[next].is_placed || graph.nodes[next].waiting_for > 0))
            next++;
        if (next == count)
            return report_cycle(&graph, err);
        place(&graph, next);
        order[placed] = graph.nodes[next].component->name;
    }
    *ret = order;
    return 0;
}
