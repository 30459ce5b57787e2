// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "catalog/pin.h"
#include "doc/emit.h"
#include "doc/load.h"
#include "recipe/scaffold.h"

#define LINE_WIDTH 118
#define DEPTH_LIMIT 24
#define REGISTRY_HEAD                                                                            \
    "apiVersion: cns.nvidia.com/v1alpha1\nkind: ComponentRegistry\nmetadata:\n  name: our-own\n" \
    "components:\n"

// Parts of value paths behind which charts keep what runs on every node, or on those with GPUs.
static const char *const node_parts[] = {"daemonset", "kubeletplugin", "deviceplugin", "nodeplugin", "worker", "agent"};

struct paths {
    struct text system_selectors, system_tolerations, node_selectors, node_tolerations, storage_classes;
};

struct scaffolding {
    struct arena *arena;
    const struct scaffold_component_request *request;
    const char *chart, *version, *source;
    struct paths paths;
};

// --- what the chart tells ---

static bool is_on_nodes(struct arena *arena, const char *path) {
    const char *lower = str_lower(arena_strdup(arena, path));
    for (size_t i = 0; i < ARRAY_SIZE(node_parts); i++)
        if (strstr(lower, node_parts[i]))
            return true;
    return false;
}

static bool is_open(const struct doc *value, enum doc_kind kind) {
    return value->kind == kind || value->kind == DOC_NULL;
}

static void add_path(struct text *list, const char *path) {
    text_addf(list, "%s%s", list->length ? ", " : "", path);
}

static void note_path(struct scaffolding *scaffolding, const char *key, const char *path, const struct doc *value) {
    struct paths *paths = &scaffolding->paths;
    bool is_node = is_on_nodes(scaffolding->arena, path);
    if (str_eq(key, "nodeSelector") && is_open(value, DOC_MAP))
        add_path(is_node ? &paths->node_selectors : &paths->system_selectors, path);
    else if (str_eq(key, "tolerations") && is_open(value, DOC_LIST))
        add_path(is_node ? &paths->node_tolerations : &paths->system_tolerations, path);
    else if ((str_eq(key, "storageClass") || str_eq(key, "storageClassName")) && is_open(value, DOC_STRING))
        add_path(&paths->storage_classes, path);
}

static void find_paths(struct scaffolding *scaffolding, const struct doc *doc, const char *prefix, unsigned depth) {
    DOC_FOREACH_MEMBER(member, doc) {
        // Such a key would need an escape in a path, and no chart names placement so.
        if (strpbrk(member->key, ".[]\\ "))
            continue;
        const char *path = arena_printf(scaffolding->arena, "%s%s%s", prefix, *prefix ? "." : "", member->key);
        note_path(scaffolding, member->key, path, member->value);
        if (depth < DEPTH_LIMIT)
            find_paths(scaffolding, member->value, path, depth + 1);
    }
}

// --- the registry's entry ---

static const char *scalar(struct scaffolding *scaffolding, const char *value) {
    _cleanup_text_ struct text text = {0};
    doc_emit_yaml_scalar(doc_new_string(scaffolding->arena, value), &text);
    return arena_strdup(scaffolding->arena, text_str(&text));
}

static void add_folded(struct scaffolding *scaffolding, struct text *out, const char *key, const char *value) {
    text_addf(out, "    %s: >-\n", key);
    text_add_lines(out, "      ", LINE_WIDTH, value);
    (void)scaffolding;
}

static void add_list(struct text *out, const char *key, const struct text *paths) {
    if (paths->length)
        text_addf(out, "        %s: [%s]\n", key, text_str(paths));
}

static void add_side(struct text *out, const char *side, const struct text *selectors, const struct text *tolerations) {
    if (!selectors->length && !tolerations->length)
        return;
    text_addf(out, "      %s:\n", side);
    add_list(out, "nodeSelectorPaths", selectors);
    add_list(out, "tolerationPaths", tolerations);
}

static void add_placement(struct scaffolding *scaffolding, struct text *out) {
    const struct paths *paths = &scaffolding->paths;
    bool has_system = paths->system_selectors.length || paths->system_tolerations.length;
    bool has_nodes = paths->node_selectors.length || paths->node_tolerations.length;
    if (has_system || has_nodes) {
        text_add_lines(out, "    # ", LINE_WIDTH,
                       "Found in the chart's values. system: operators and controllers; accelerated: what runs on GPU "
                       "nodes (guessed by name: check). What must run on every node takes no selector.");
        text_add(out, "    nodeScheduling:\n");
        add_side(out, "system", &paths->system_selectors, &paths->system_tolerations);
        add_side(out, "accelerated", &paths->node_selectors, &paths->node_tolerations);
    }
    if (paths->storage_classes.length)
        text_addf(out, "    storageClassPaths: [%s]\n", text_str(&paths->storage_classes));
}

static void add_health(struct scaffolding *scaffolding, struct text *out) {
    text_add_lines(out, "    # ", LINE_WIDTH,
                   "When it is healthy; helm template shows the names of its workloads and definitions.");
    text_addf(out,
              "    # healthCheck:\n"
              "    #   timeout: 5m\n"
              "    #   resources:\n"
              "    #     - {kind: Deployment, name: %s}\n",
              scaffolding->request->name);
}

static void add_reasons(struct scaffolding *scaffolding, struct text *out) {
    const char *why = scaffolding->request->why;
    add_folded(scaffolding, out, "source", scaffolding->source);
    if (why)
        add_folded(scaffolding, out, "why", why);
    else
        text_add(out, "    # why: why this component, this version, these paths; recipe lint asks for it\n");
}

static void add_entry(struct scaffolding *scaffolding, struct text *out) {
    const struct scaffold_component_request *request = scaffolding->request;
    const char *description = doc_get_text(request->about, "description", NULL);
    text_addf(out, "  - name: %s\n    displayName: %s\n", request->name, scalar(scaffolding, scaffolding->chart));
    text_add(out, "    # topic: foundation, gpu, network, scheduling, training, serving, storage, monitoring, logging, "
                  "policy or tuning\n");
    if (description)
        add_folded(scaffolding, out, "description", description);
    text_addf(out,
              "    helm:\n"
              "      defaultRepository: %s\n"
              "      defaultChart: %s\n"
              "      defaultVersion: %s\n"
              "      defaultNamespace: %s\n",
              scalar(scaffolding, request->repository), scalar(scaffolding, scaffolding->chart),
              scalar(scaffolding, scaffolding->version), request->namespace_ ? request->namespace_ : request->name);
    add_placement(scaffolding, out);
    add_health(scaffolding, out);
    add_reasons(scaffolding, out);
}

// The entry goes to the end of the text, so that comments and order stay; that this is where the list of components
// ends is not believed but read.
static int add_to_registry(struct scaffolding *scaffolding, const struct text *entry, const char **ret,
                           struct error **err) {
    struct arena *arena = scaffolding->arena;
    const char *old = scaffolding->request->registry;
    const char *text = arena_printf(arena, "%s%s%s", old ? old : REGISTRY_HEAD,
                                    old && !str_has_suffix(old, "\n") ? "\n" : "", text_str(entry));
    const struct doc *before = NULL, *after = NULL;
    const struct doc_limits limits = {0};
    int r = old ? doc_load_buffer(arena, old, strlen(old), "registry.yaml", DOC_FORMAT_YAML, &limits, &before, err) : 0;
    if (r < 0)
        return r;
    DOC_FOREACH_ITEM(item, doc_get(before, "components")) {
        if (!str_eq(doc_get_text(item, "name", NULL), scaffolding->request->name))
            continue;
        doc_error(err, ERROR_CONFLICT, item->origin, "the registry has a component '%s' already",
                  scaffolding->request->name);
        return error_hint(err, "change that entry, or give the new one another name");
    }
    _cleanup_error_ struct error *unreadable = NULL;
    size_t count = doc_count(doc_get(before, "components")) + 1;
    if (doc_load_buffer(arena, text, strlen(text), "registry.yaml", DOC_FORMAT_YAML, &limits, &after, &unreadable) <
            0 ||
        doc_count(doc_get(after, "components")) != count) {
        error_set(err, ERROR_INVALID, "registry.yaml: its list of components does not end the file, two spaces deep");
        return error_hint(err, "move 'components:' to the end of the file, its items indented by two spaces");
    }
    *ret = text;
    return 0;
}

// --- the other files ---

static const char *head(struct scaffolding *scaffolding, const char *kind) {
    return arena_printf(scaffolding->arena, "apiVersion: cns.nvidia.com/v1alpha1\nkind: %s\n", kind);
}

static void add_values(struct scaffolding *scaffolding, struct scaffold_component *ret) {
    const char *name = scaffolding->request->name;
    if (!doc_member(scaffolding->request->values, "fullnameOverride", strlen("fullnameOverride")))
        return;
    ret->values = arena_printf(scaffolding->arena,
                               "# What is not said here is the chart's default. Each value has a fact in facts.yaml.\n"
                               "fullnameOverride: %s\n",
                               name);
    ret->facts = arena_printf(scaffolding->arena,
                              "%scomponent: %s\nfacts:\n"
                              "  - path: fullnameOverride\n"
                              "    source: %s\n"
                              "    why: Workloads get names that do not depend on the release, so that a health check "
                              "can name them.\n",
                              head(scaffolding, "ComponentFacts"), name, scalar(scaffolding, scaffolding->source));
}

static const char *make_upgrades(struct scaffolding *scaffolding) {
    return arena_printf(scaffolding->arena,
                        "%scomponent: %s\ntransitions:\n"
                        "  # Replace this by what the project's release notes and upgrade guide say.\n"
                        "  - from: \"< %s\"\n"
                        "    to: \">= %s, <= %s\"\n"
                        "    verdict: manual\n"
                        "    summary: Nothing is known here about going from older releases to this one.\n"
                        "    steps:\n"
                        "      - Read the release notes of every release in between.\n"
                        "      - Deploy on a cluster where it may fail first.\n"
                        "    source: \"none: no upgrade from an older release is known to have been tried\"\n",
                        head(scaffolding, "ComponentUpgrades"), scaffolding->request->name, scaffolding->version,
                        scaffolding->version, scaffolding->version);
}

static const char *make_mixin(struct scaffolding *scaffolding, bool has_values) {
    const char *name = scaffolding->request->name, *why = scaffolding->request->why;
    _cleanup_text_ struct text text = {0};
    text_addf(&text, "# Adds %s to a recipe: cnsctl recipe ... --mixin %s\n%s", name, name,
              head(scaffolding, "RecipeMixin"));
    text_addf(&text, "metadata:\n  name: %s\n  title: %s\n  maturity: preview\nspec:\n", name,
              scalar(scaffolding, scaffolding->chart));
    text_add(&text, "  # appliesTo: {service: [eks, gke]} # where it may be used; left out: everywhere\n"
                    "  componentRefs:\n");
    text_addf(&text, "    - name: %s\n      type: Helm\n", name);
    if (has_values)
        text_addf(&text, "      valuesFile: components/%s/values.yaml\n", name);
    text_add(&text, "      # dependencyRefs: [cert-manager] # what must be there, and healthy, first\n");
    text_addf(&text, "      sources:\n        - %s\n", scalar(scaffolding, scaffolding->source));
    if (why) {
        text_add(&text, "      why: >-\n");
        text_add_lines(&text, "        ", LINE_WIDTH, why);
    } else {
        text_add(&text, "      # why: what a cluster gets by it; recipe lint asks for it\n");
    }
    return arena_strdup(scaffolding->arena, text_str(&text));
}

// --- the whole ---

static int read_chart(struct scaffolding *scaffolding, struct error **err) {
    const struct scaffold_component_request *request = scaffolding->request;
    scaffolding->chart = doc_get_text(request->about, "name", NULL);
    scaffolding->version = request->version ? request->version : doc_get_text(request->about, "version", NULL);
    if (!scaffolding->chart)
        return error_set(err, ERROR_INVALID, "Chart.yaml has no name");
    if (!scaffolding->version || version_is_floating(scaffolding->version)) {
        error_set(err, ERROR_INVALID, "Chart.yaml does not name one released version: %s",
                  scaffolding->version ? scaffolding->version : "it has none");
        return error_hint(err, "give the version to pin with --version");
    }
    scaffolding->source = request->source ? request->source
                                          : arena_printf(scaffolding->arena, "chart %s %s (Chart.yaml, values.yaml)",
                                                         scaffolding->chart, scaffolding->version);
    find_paths(scaffolding, request->values, "", 0);
    return 0;
}

static void done(struct scaffolding *scaffolding) {
    text_done(&scaffolding->paths.system_selectors);
    text_done(&scaffolding->paths.system_tolerations);
    text_done(&scaffolding->paths.node_selectors);
    text_done(&scaffolding->paths.node_tolerations);
    text_done(&scaffolding->paths.storage_classes);
}

int scaffold_component(struct arena *arena, const struct scaffold_component_request *request,
                       struct scaffold_component *ret, struct error **err) {
    struct scaffolding scaffolding = {.arena = arena, .request = request};
    struct scaffold_component files = {0};
    _cleanup_text_ struct text entry = {0};
    int r = read_chart(&scaffolding, err);
    if (r == 0) {
        text_add_char(&entry, '\n');
        add_entry(&scaffolding, &entry);
        r = add_to_registry(&scaffolding, &entry, &files.registry, err);
    }
    if (r == 0) {
        add_values(&scaffolding, &files);
        files.upgrades = make_upgrades(&scaffolding);
        files.mixin = make_mixin(&scaffolding, files.values != NULL);
        *ret = files;
    }
    done(&scaffolding);
    return r;
}
