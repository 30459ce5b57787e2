// SPDX-License-Identifier: Apache-2.0
#include "bundle/deployer_helm.h"
#include "bundle/shell.h"

#include <stdio.h>

extern const char helm_common_sh[];

static void add_component(const struct bundle_component *component, struct text *out) {
    static const char *const methods[] = {
        [BUNDLE_HELM] = "helm", [BUNDLE_KUSTOMIZE] = "kustomize", [BUNDLE_MANIFESTS] = "manifests"};
    char wave[16];
    snprintf(wave, sizeof wave, "%u", component->wave);
    const char *const words[] = {
        wave,
        component->name,
        component->namespace_,
        methods[component->method],
        component->chart,
        component->repository,
        component->version,
        component->waits ? "wait" : "no-wait",
        component->timeout,
    };
    shell_add_call(out, "component", words, ARRAY_SIZE(words));
    for (size_t i = 0; i < component->manifest_count; i++) {
        const struct bundle_manifest *manifest = &component->manifests[i];
        const char *const manifest_words[] = {
            manifest->is_pre ? "pre" : "post",
            manifest->path,
            manifest->sets_own_namespace ? NULL : component->namespace_,
            manifest->has_definitions ? "definitions" : "plain",
        };
        shell_add_call(out, "manifest", manifest_words, ARRAY_SIZE(manifest_words));
        for (size_t j = 0; j < manifest->workload_count; j++) {
            const struct bundle_workload *workload = &manifest->workloads[j];
            _cleanup_text_ struct text target = {0};
            text_addf(&target, "%s/%s", workload->kind, workload->name);
            shell_add_call(out, "workload", (const char *const[]){workload->namespace_, text_str(&target)}, 2);
        }
    }
}

void helm_add_script(const struct bundle *bundle, const char *about, const char *main_part, struct text *out) {
    shell_begin_script(about, out);
    text_add(out, "# What there is to install, in order of waves.\nplan() {\n");
    for (size_t i = 0; i < bundle->count; i++)
        add_component(&bundle->components[i], out);
    text_add(out, "}\n\n");
    shell_add_part(helm_common_sh, out);
    text_add_char(out, '\n');
    shell_add_part(main_part, out);
}
