// SPDX-License-Identifier: Apache-2.0
#include "bundle/deployer_helm.h"
#include "doc/emit.h"

extern const char helm_deploy_sh[], helm_undeploy_sh[];

static int add_text(struct bundle *bundle, const char *path, const struct text *content, bool is_executable,
                    struct error **err) {
    return tree_add(&bundle->tree, path, text_str(content), content->length, is_executable, err);
}

static int add_component(struct arena *arena, struct bundle *bundle, const struct bundle_component *component,
                         struct error **err) {
    _cleanup_text_ struct text values = {0}, readme = {0};
    text_addf(&values, "# Values of %s%s%s, made by cnsctl bundle.\n---\n", component->name,
              component->version ? " " : "", component->version ? component->version : "");
    doc_emit(component->values, EMIT_YAML, &values);
    helm_add_component_readme(bundle, component, &readme);
    int r = add_text(bundle, arena_printf(arena, "%s/values.yaml", component->name), &values, false, err);
    if (r >= 0)
        r = add_text(bundle, arena_printf(arena, "%s/README.md", component->name), &readme, false, err);
    for (size_t i = 0; i < component->manifest_count && r >= 0; i++)
        r = tree_add(&bundle->tree, component->manifests[i].path, component->manifests[i].text,
                     component->manifests[i].length, false, err);
    return r;
}

static int add_documents(struct arena *arena, struct bundle *bundle, struct error **err) {
    _cleanup_text_ struct text recipe = {0}, plan = {0}, readme = {0};
    doc_emit(bundle->request->recipe->doc, EMIT_YAML, &recipe);
    doc_emit(bundle_plan_doc(arena, bundle), EMIT_YAML, &plan);
    helm_add_root_readme(bundle, &readme);
    int r = add_text(bundle, "recipe.yaml", &recipe, false, err);
    if (r >= 0)
        r = add_text(bundle, "plan.yaml", &plan, false, err);
    return r < 0 ? r : add_text(bundle, "README.md", &readme, false, err);
}

static int add_scripts(struct bundle *bundle, struct error **err) {
    _cleanup_text_ struct text deploy = {0}, undeploy = {0};
    helm_add_script(bundle, "Installs the components of this bundle", helm_deploy_sh, &deploy);
    helm_add_script(bundle, "Removes what deploy.sh of this bundle installed", helm_undeploy_sh, &undeploy);
    int r = add_text(bundle, "deploy.sh", &deploy, true, err);
    return r < 0 ? r : add_text(bundle, "undeploy.sh", &undeploy, true, err);
}

int deployer_helm_render(struct arena *arena, struct bundle *bundle, struct error **err) {
    int r = add_documents(arena, bundle, err);
    for (size_t i = 0; i < bundle->count && r >= 0; i++)
        r = add_component(arena, bundle, &bundle->components[i], err);
    return r < 0 ? r : add_scripts(bundle, err);
}
