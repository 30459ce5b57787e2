// SPDX-License-Identifier: Apache-2.0
// Settings in the forms of those who set nodes up themselves. Sources of the forms: GKE's node system configuration,
// Bottlerocket's settings.boot, .kernel and .kubernetes, Talos' v1alpha1 machine configuration, KubeletConfiguration.
#include "bundle/tuning.h"
#include "doc/emit.h"

#define MADE "# Made by cnsctl bundle.\n"

static void set_if_any(struct arena *arena, struct doc *map, const char *key, const struct doc *value) {
    if (doc_count(value))
        doc_map_set(arena, map, key, value);
}

static void emit_members(const struct doc *doc, struct text *out) {
    if (!doc_count(doc))
        return;
    text_add(out, MADE);
    doc_emit(doc, EMIT_YAML, out);
}

static struct doc *text_map(struct arena *arena, struct tuning_list list) {
    struct doc *map = doc_new_map(arena);
    for (size_t i = 0; i < list.count; i++)
        doc_map_set_text(arena, map, list.items[i]->key, list.items[i]->value);
    return map;
}

static struct tuning_list of(struct arena *arena, const struct tuning *tuning, enum tuning_kind kind,
                             const char *mechanism) {
    return tuning_select(arena, tuning, kind, mechanism, NULL);
}

// --- GKE ---

// "topologyManagerPolicy" is there topologyManager.policy.
static const struct doc *gke_kubelet(struct arena *arena, const struct tuning *tuning) {
    struct doc *map = text_map(arena, of(arena, tuning, TUNING_KUBELET, "gke"));
    const char *policy = doc_get_text(map, "topologyManagerPolicy", NULL);
    if (policy) {
        struct doc *manager = doc_new_map(arena);
        doc_map_set_text(arena, manager, "policy", policy);
        doc_map_remove(map, "topologyManagerPolicy");
        doc_map_set(arena, map, "topologyManager", manager);
    }
    return map;
}

void tuning_gke_file(struct arena *arena, const struct tuning *tuning, struct text *out) {
    struct doc *map = doc_new_map(arena), *linux_ = doc_new_map(arena), *pages = doc_new_map(arena);
    struct tuning_list list = of(arena, tuning, TUNING_HUGEPAGES, "gke");
    for (size_t i = 0; i < list.count; i++)
        doc_map_set(arena, pages, str_eq(list.items[i]->key, "1G") ? "hugepage_size1g" : "hugepage_size2m",
                    doc_new_plain(arena, list.items[i]->value, strlen(list.items[i]->value)));
    set_if_any(arena, linux_, "hugepageConfig", pages);
    set_if_any(arena, linux_, "sysctl", text_map(arena, of(arena, tuning, TUNING_SYSCTL, "gke")));
    set_if_any(arena, map, "kubeletConfig", gke_kubelet(arena, tuning));
    set_if_any(arena, map, "linuxConfig", linux_);
    emit_members(map, out);
}

// --- Bottlerocket ---

static void add_table(struct text *out, const char *name) {
    text_addf(out, "%s[settings.%s]\n", out->length > strlen(MADE) ? "\n" : "", name);
}

// A parameter has a list of values; one without has an empty list.
static void add_boot_parameters(struct arena *arena, const struct tuning *tuning, struct text *out) {
    struct boot_words words = {0};
    struct tuning_list list = of(arena, tuning, TUNING_KERNEL_PARAMETER, "bottlerocket");
    if (!list.count)
        return;
    words = tuning_boot_words(arena, tuning, "bottlerocket", NULL);
    add_table(out, "boot.kernel-parameters");
    const char *open = NULL;
    for (size_t i = 0; i < words.count; i++) {
        size_t length = strcspn(words.items[i], "=");
        const char *name = arena_strndup(arena, words.items[i], length);
        if (str_has_prefix(name, "hugepages"))
            continue; // counts and sizes would be told apart
        const char *value = words.items[i][length] ? words.items[i] + length + 1 : NULL;
        if (str_eq(name, open))
            text_addf(out, ", \"%s\"", value ? value : "");
        else if (value)
            text_addf(out, "%s\"%s\" = [\"%s\"", open ? "]\n" : "", name, value);
        else
            text_addf(out, "%s\"%s\" = [", open ? "]\n" : "", name);
        open = name;
    }
    if (open)
        text_add(out, "]\n");
}

static void add_kernel(struct arena *arena, const struct tuning *tuning, struct text *out) {
    struct tuning_list sysctls = of(arena, tuning, TUNING_SYSCTL, "bottlerocket"),
                       pages = of(arena, tuning, TUNING_HUGEPAGES, "bottlerocket"),
                       modules = of(arena, tuning, TUNING_MODULE_LOAD, "bottlerocket");
    if (sysctls.count || pages.count)
        add_table(out, "kernel.sysctl");
    for (size_t i = 0; i < sysctls.count; i++)
        text_addf(out, "\"%s\" = \"%s\"\n", sysctls.items[i]->key, sysctls.items[i]->value);
    for (size_t i = 0; i < pages.count; i++) {
        if (str_eq(pages.items[i]->key, "2M"))
            text_addf(out, "\"vm.nr_hugepages\" = \"%s\"\n", pages.items[i]->value);
        else
            text_addf(out, "# %s pages of %s: there is no setting for pages of this size\n", pages.items[i]->value,
                      pages.items[i]->key);
    }
    for (size_t i = 0; i < modules.count; i++) {
        add_table(out, arena_printf(arena, "kernel.modules.%s", modules.items[i]->key));
        text_add(out, "allowed = true\nautoload = true\n");
    }
}

void tuning_bottlerocket_file(struct arena *arena, const struct tuning *tuning, struct text *out) {
    static const char *const names[][2] = {{"cpuManagerPolicy", "cpu-manager-policy"},
                                           {"topologyManagerPolicy", "topology-manager-policy"},
                                           {"topologyManagerScope", "topology-manager-scope"}};
    struct tuning_list kubelet = of(arena, tuning, TUNING_KUBELET, "bottlerocket");
    if (!tuning_uses(tuning, "bottlerocket"))
        return;
    text_add(out, MADE);
    add_boot_parameters(arena, tuning, out);
    add_kernel(arena, tuning, out);
    if (kubelet.count)
        add_table(out, "kubernetes");
    for (size_t i = 0; i < kubelet.count; i++)
        for (size_t j = 0; j < ARRAY_SIZE(names); j++)
            if (str_eq(kubelet.items[i]->key, names[j][0]))
                text_addf(out, "%s = \"%s\"\n", names[j][1], kubelet.items[i]->value);
}

// --- Talos ---

static void add_module(struct arena *arena, struct doc *list, const char *name, const char *parameter) {
    struct doc *module = NULL;
    for (size_t i = 0; i < list->list.count; i++)
        if (str_eq(doc_get_text(list->list.items[i], "name", ""), name))
            module = (struct doc *)list->list.items[i];
    if (!module) {
        module = doc_new_map(arena);
        doc_map_set_text(arena, module, "name", name);
        doc_list_add(arena, list, module);
    }
    if (!parameter)
        return;
    struct doc *parameters =
        doc_get(module, "parameters") ? doc_copy(arena, doc_get(module, "parameters")) : doc_new_list(arena);
    doc_list_add(arena, parameters, doc_new_string(arena, parameter));
    doc_map_set(arena, module, "parameters", parameters);
}

static const struct doc *talos_modules(struct arena *arena, const struct tuning *tuning) {
    struct doc *list = doc_new_list(arena);
    struct tuning_list loads = of(arena, tuning, TUNING_MODULE_LOAD, "talos"),
                       options = of(arena, tuning, TUNING_MODULE_OPTION, "talos");
    for (size_t i = 0; i < loads.count; i++)
        add_module(arena, list, loads.items[i]->key, NULL);
    for (size_t i = 0; i < options.count; i++) {
        const char *dot = strchr(options.items[i]->key, '.');
        add_module(arena, list, arena_strndup(arena, options.items[i]->key, (size_t)(dot - options.items[i]->key)),
                   arena_printf(arena, "%s=%s", dot + 1, options.items[i]->value));
    }
    return list;
}

static const struct doc *talos_arguments(struct arena *arena, const struct tuning *tuning) {
    struct doc *list = doc_new_list(arena);
    struct boot_words words = tuning_boot_words(arena, tuning, "talos", NULL);
    for (size_t i = 0; i < words.count; i++)
        doc_list_add(arena, list, doc_new_string(arena, words.items[i]));
    struct tuning_list blocked = of(arena, tuning, TUNING_MODULE_BLACKLIST, "talos");
    for (size_t i = 0; i < blocked.count; i++)
        doc_list_add(arena, list, doc_new_stringf(arena, "module_blacklist=%s", blocked.items[i]->key));
    return list;
}

void tuning_talos_file(struct arena *arena, const struct tuning *tuning, struct text *out) {
    struct doc *root = doc_new_map(arena), *machine = doc_new_map(arena), *install = doc_new_map(arena),
               *kernel = doc_new_map(arena), *kubelet = doc_new_map(arena);
    set_if_any(arena, install, "extraKernelArgs", talos_arguments(arena, tuning));
    set_if_any(arena, kernel, "modules", talos_modules(arena, tuning));
    set_if_any(arena, kubelet, "extraConfig", text_map(arena, of(arena, tuning, TUNING_KUBELET, "talos")));
    set_if_any(arena, machine, "install", install);
    set_if_any(arena, machine, "kernel", kernel);
    set_if_any(arena, machine, "kubelet", kubelet);
    set_if_any(arena, machine, "sysctls", text_map(arena, of(arena, tuning, TUNING_SYSCTL, "talos")));
    set_if_any(arena, root, "machine", machine);
    emit_members(root, out);
}

// --- the kubelet ---

void tuning_kubelet_file(struct arena *arena, const struct tuning *tuning, struct text *out) {
    struct tuning_list list = of(arena, tuning, TUNING_KUBELET, "kubelet");
    if (!list.count)
        return;
    struct doc *map = doc_new_map(arena);
    doc_map_set_text(arena, map, "apiVersion", "kubelet.config.k8s.io/v1beta1");
    doc_map_set_text(arena, map, "kind", "KubeletConfiguration");
    for (size_t i = 0; i < list.count; i++)
        doc_map_set_text(arena, map, list.items[i]->key, list.items[i]->value);
    emit_members(map, out);
}
