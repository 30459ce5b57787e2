// SPDX-License-Identifier: Apache-2.0
#include "bundle/bundle.h"
#include "bundle/template.h"
#include "bundle/tuning.h"
#include "doc/load.h"

#define FALLBACK_VERSION "0.0.0"

static const struct doc *text_map(struct arena *arena, const char *const (*pairs)[2], size_t count) {
    struct doc *map = doc_new_map(arena);
    for (size_t i = 0; i < count; i++)
        doc_map_set_text(arena, map, pairs[i][0], pairs[i][1]);
    return map;
}

static const char *namespace_of(const struct bundle_component *component) {
    return *component->namespace_ ? component->namespace_ : "default";
}

// What templates see as `$`: the values under the component's name, as all manifests of the catalog expect.
static const struct doc *scope_of(struct arena *arena, const struct bundle *bundle,
                                  const struct bundle_component *component) {
    const char *version = component->version ? component->version : bundle->request->program_version;
    const char *const release[][2] = {
        {"Name", component->name}, {"Namespace", namespace_of(component)}, {"Service", "Helm"}};
    const char *const chart[][2] = {{"Name", component->chart_name}, {"Version", version ? version : FALLBACK_VERSION}};
    struct doc *values = doc_new_map(arena), *scope = doc_new_map(arena);
    doc_map_set(arena, values, component->name, component->values);
    doc_map_set(arena, scope, "Tuning", bundle->tuning_scope);
    doc_map_set(arena, scope, "Values", values);
    doc_map_set(arena, scope, "Release", text_map(arena, release, ARRAY_SIZE(release)));
    doc_map_set(arena, scope, "Chart", text_map(arena, chart, ARRAY_SIZE(chart)));
    return scope;
}

static bool is_workload(const char *kind) {
    return str_eq(kind, "Deployment") || str_eq(kind, "DaemonSet") || str_eq(kind, "StatefulSet");
}

static void add_workload(struct arena *arena, struct bundle_manifest *manifest, const char *namespace_,
                         const char *kind, const char *name) {
    size_t size = sizeof *manifest->workloads;
    manifest->workloads =
        arena_grow(arena, manifest->workloads, manifest->workload_count * size, (manifest->workload_count + 1) * size);
    manifest->workloads[manifest->workload_count++] = (struct bundle_workload){namespace_, kind, name};
}

// What deploy.sh must know of the objects; every document must be one.
static int inspect(struct arena *arena, const struct bundle_component *component, const struct doc *documents,
                   struct bundle_manifest *manifest, struct error **err) {
    DOC_FOREACH_ITEM(document, documents) {
        const char *kind = doc_get_text(document, "kind", NULL);
        if (document->kind != DOC_MAP || !kind || !doc_get_text(document, "apiVersion", NULL))
            return doc_error(err, ERROR_INVALID, document->origin,
                             "this is no Kubernetes object: it needs apiVersion and kind");
        const struct doc *metadata = doc_get(document, "metadata");
        const char *namespace_ = doc_get_text(metadata, "namespace", NULL),
                   *name = doc_get_text(metadata, "name", NULL);
        if (str_eq(kind, "CustomResourceDefinition"))
            manifest->has_definitions = true;
        manifest->has_namespaces = manifest->has_namespaces || str_eq(kind, "Namespace");
        if (!*component->namespace_ || (namespace_ && !str_eq(namespace_, component->namespace_)))
            manifest->sets_own_namespace = true;
        if (is_workload(kind) && name)
            add_workload(arena, manifest, namespace_ ? namespace_ : namespace_of(component), kind, name);
    }
    return 0;
}

static int render(struct arena *arena, const struct doc *scope, const struct manifest *manifest, struct text *out,
                  struct error **err) {
    size_t length = strlen(manifest->text);
    if (!memmem(manifest->text, length, "{{", 2)) {
        text_add_bytes(out, manifest->text, length);
        return 0;
    }
    const struct template *template = NULL;
    int r = template_parse(arena, manifest->text, length, manifest->path, &template, err);
    return r < 0 ? r : template_render(arena, template, scope, out, err);
}

static int add_manifest(struct arena *arena, struct bundle_component *component, const struct doc *scope,
                        const struct manifest *manifest, struct error **err) {
    _cleanup_text_ struct text out = {0};
    int r = render(arena, scope, manifest, &out, err);
    if (r < 0)
        return error_prefix(err, "component '%s'", component->name);
    const char *name = arena_printf(arena, "%s (rendered)", manifest->path);
    const struct doc *documents = NULL;
    r = doc_load_all_buffer(arena, text_str(&out), out.length, name, NULL, &documents, err);
    if (r >= 0 && !doc_count(documents))
        return 0; // nothing but comments: switched off by its own conditions
    struct bundle_manifest *added = &component->manifests[component->manifest_count];
    *added = (struct bundle_manifest){.is_pre = manifest->is_pre};
    if (r >= 0)
        r = inspect(arena, component, documents, added, err);
    if (r < 0)
        return error_prefix(err, "component '%s': the manifest does not render to valid YAML", component->name);
    if (out.bytes[out.length - 1] != '\n')
        text_add_char(&out, '\n');
    added->path = arena_printf(arena, "%s/%s/%s", component->name, manifest->is_pre ? "pre-manifests" : "manifests",
                               bundle_base_name(manifest->path));
    added->text = arena_strndup(arena, text_str(&out), out.length);
    added->length = out.length;
    component->manifest_count++;
    return 0;
}

int bundle_render_manifests(struct arena *arena, struct bundle *bundle, struct bundle_component *component,
                            struct error **err) {
    const struct component *source = component->component;
    component->manifests = arena_new_array(arena, struct bundle_manifest, source->manifest_count + 1);
    const struct doc *scope = scope_of(arena, bundle, component);
    for (size_t i = 0; i < source->manifest_count; i++) {
        int r = add_manifest(arena, component, scope, &source->manifests[i], err);
        if (r < 0)
            return r;
    }
    if (component->method == BUNDLE_MANIFESTS && !component->manifest_count)
        note_add(arena, &bundle->notes, true, component->name,
                 "has neither a chart nor a manifest that renders to something, so nothing is installed for it.");
    return 0;
}
