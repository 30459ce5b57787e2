// SPDX-License-Identifier: Apache-2.0
#include "model/deployment_order.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/text.h"

#include <stdlib.h>

// One component while it is being ordered.
struct node {
    const struct component *component;
    size_t waiting_for; // dependencies not yet placed
    size_t *dependents; // nodes that wait for this one
    size_t dependent_count;
    bool is_placed;
    unsigned char mark; // of the search for a cycle: 0 new, 1 on the path, 2 done
};

struct graph {
    struct arena *arena;
    struct node *nodes; // sorted by name
    size_t count;
    struct map index; // name -> node
};

static struct node *find(const struct graph *graph, const char *name) {
    return map_get(&graph->index, name);
}

static int compare_nodes(const void *a, const void *b) {
    return strcmp(((const struct node *)a)->component->name, ((const struct node *)b)->component->name);
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

// Depth first; `path` holds the names on the way down, and the cycle is its tail.
static bool find_cycle(const struct graph *graph, struct node *node, struct text *path) {
    size_t length = path->length;
    text_addf(path, "%s -> ", node->component->name);
    if (node->mark == 1)
        return true;
    node->mark = 1;
    DOC_FOREACH_ITEM(reference, node->component->dependency_refs) {
        struct node *next = find(graph, doc_text(reference));
        if (next->mark != 2 && find_cycle(graph, next, path))
            return true;
    }
    node->mark = 2;
    text_truncate(path, length);
    return false;
}

static int report_cycle(const struct graph *graph, struct error **err) {
    _cleanup_text_ struct text path = {0};
    for (size_t i = 0; i < graph->count; i++)
        if (!graph->nodes[i].is_placed && graph->nodes[i].mark == 0 && find_cycle(graph, &graph->nodes[i], &path))
            break;
    text_truncate(&path, path.length - strlen(" -> "));
    const char *last = strrchr(path.bytes, ' ') + 1;
    const char *start = path.bytes;
    while (!(str_has_prefix(start, last) && start[strlen(last)] == ' '))
        start = strchr(start, '>') + 2;
    return doc_error(err, ERROR_INVALID, find(graph, last)->component->dependency_refs->origin,
                     "the dependencies of components go round in a circle: %s", start);
}

static int check_dependencies(const struct graph *graph, struct error **err) {
    for (size_t i = 0; i < graph->count; i++)
        DOC_FOREACH_ITEM(reference, graph->nodes[i].component->dependency_refs) {
            struct node *node = find(graph, doc_text(reference));
            if (!node)
                return unknown_dependency(graph, graph->nodes[i].component, reference, err);
            node->dependent_count++;
            graph->nodes[i].waiting_for++;
        }
    return 0;
}

static void link_dependents(const struct graph *graph) {
    for (size_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        node->dependents = arena_new_array(graph->arena, size_t, node->dependent_count);
        node->dependent_count = 0;
    }
    for (size_t i = 0; i < graph->count; i++)
        DOC_FOREACH_ITEM(reference, graph->nodes[i].component->dependency_refs) {
            struct node *node = find(graph, doc_text(reference));
            node->dependents[node->dependent_count++] = i;
        }
}

static int place_all(const struct graph *graph, const char **order, struct error **err) {
    for (size_t placed = 0; placed < graph->count; placed++) {
        // The nodes are sorted, so the first that is ready is the one with the smallest name.
        struct node *node = graph->nodes, *end = graph->nodes + graph->count;
        while (node < end && (node->is_placed || node->waiting_for > 0))
            node++;
        if (node == end)
            return report_cycle(graph, err);
        node->is_placed = true;
        order[placed] = node->component->name;
        for (size_t i = 0; i < node->dependent_count; i++)
            graph->nodes[node->dependents[i]].waiting_for--;
    }
    return 0;
}

int deployment_order(struct arena *arena, const struct component *components, size_t count, const char ***ret,
                     struct error **err) {
    struct graph graph = {.arena = arena, .nodes = arena_new_array(arena, struct node, count), .count = count};
    const char **order = arena_new_array(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        graph.nodes[i].component = &components[i];
    if (count)
        qsort(graph.nodes, count, sizeof *graph.nodes, compare_nodes);
    for (size_t i = 0; i < count; i++)
        map_put(&graph.index, graph.nodes[i].component->name, &graph.nodes[i]);
    int r = check_dependencies(&graph, err);
    if (r >= 0) {
        link_dependents(&graph);
        r = place_all(&graph, order, err);
    }
    map_done(&graph.index);
    if (r == 0)
        *ret = order;
    return r;
}
