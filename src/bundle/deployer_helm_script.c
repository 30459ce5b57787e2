// SPDX-License-Identifier: Apache-2.0
#include "bundle/deployer_helm.h"

#include <ctype.h>
#include <stdio.h>

extern const char helm_common_sh[];

void shell_add_word(struct text *out, const char *word) {
    bool is_harmless = *word != '\0';
    for (const char *c = word; *c && is_harmless; c++)
        is_harmless = isascii((unsigned char)*c) && (isalnum((unsigned char)*c) || strchr("-_./:=+,@%", *c));
    if (is_harmless) {
        text_add(out, word);
        return;
    }
    text_add_char(out, '\'');
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            text_add(out, "'\\''");
        else
            text_add_char(out, *c);
    }
    text_add_char(out, '\'');
}

static void add_call(struct text *out, const char *function, const char *const *words, size_t count) {
    text_addf(out, "    %s", function);
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, ' ');
        shell_add_word(out, words[i] ? words[i] : "");
    }
    text_add_char(out, '\n');
}

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
    add_call(out, "component", words, ARRAY_SIZE(words));
    for (size_t i = 0; i < component->manifest_count; i++) {
        const struct bundle_manifest *manifest = &component->manifests[i];
        const char *const manifest_words[] = {
            manifest->is_pre ? "pre" : "post",
            manifest->path,
            manifest->sets_own_namespace ? NULL : component->namespace_,
            manifest->has_definitions ? "definitions" : "plain",
        };
        add_call(out, "manifest", manifest_words, ARRAY_SIZE(manifest_words));
        for (size_t j = 0; j < manifest->workload_count; j++) {
            const struct bundle_workload *workload = &manifest->workloads[j];
            _cleanup_text_ struct text target = {0};
            text_addf(&target, "%s/%s", workload->kind, workload->name);
            add_call(out, "workload", (const char *const[]){workload->namespace_, text_str(&target)}, 2);
        }
    }
}

// The fixed part without the comment lines at its top, which are about the file that it comes from.
static void add_part(const char *part, struct text *out) {
    while (str_has_prefix(part, "# SPDX-") || str_has_prefix(part, "# shellcheck "))
        part = strchr(part, '\n') + 1;
    text_add(out, part);
}

void helm_add_script(const struct bundle *bundle, const char *about, const char *main_part, struct text *out) {
    text_addf(out, "#!/usr/bin/env bash\n# %s. Made by cnsctl bundle: make it anew rather than editing it.\n", about);
    text_add(out, "# shellcheck disable=SC2016,SC2034\nset -euo pipefail\n\n");
    text_add(out, "# What there is to install, in order of waves.\nplan() {\n");
    for (size_t i = 0; i < bundle->count; i++)
        add_component(&bundle->components[i], out);
    text_add(out, "}\n\n");
    add_part(helm_common_sh, out);
    text_add_char(out, '\n');
    add_part(main_part, out);
}
