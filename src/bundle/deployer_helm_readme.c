// SPDX-License-Identifier: Apache-2.0
#include "bundle/deployer_helm.h"
#include "bundle/markdown.h"
#include "bundle/shell.h"

static void add_manifest_commands(const struct bundle_component *component, bool is_pre, const char *prefix,
                                  struct text *out) {
    for (size_t i = 0; i < component->manifest_count; i++) {
        const struct bundle_manifest *manifest = &component->manifests[i];
        if (manifest->is_pre != is_pre)
            continue;
        text_addf(out, "%skubectl apply --server-side -f ", prefix);
        shell_add_word(out, manifest->path);
        if (!manifest->sets_own_namespace)
            text_addf(out, " --namespace %s", component->namespace_);
        text_add_char(out, '\n');
    }
}

void helm_add_commands(const struct bundle_component *component, const char *prefix, struct text *out) {
    if (*component->namespace_)
        text_addf(out, "%skubectl create namespace %s --dry-run=client -o yaml | kubectl apply -f -\n", prefix,
                  component->namespace_);
    add_manifest_commands(component, true, prefix, out);
    if (component->method == BUNDLE_HELM) {
        text_addf(out, "%shelm upgrade --install %s ", prefix, component->name);
        shell_add_word(out, component->chart);
        if (component->repository) {
            text_add(out, " --repo ");
            shell_add_word(out, component->repository);
        }
        if (component->version) {
            text_add(out, " --version ");
            shell_add_word(out, component->version);
        }
        text_addf(out, " --namespace %s --values %s/values.yaml", component->namespace_, component->name);
        if (component->waits)
            text_addf(out, " --wait --timeout %s", component->timeout);
        text_add_char(out, '\n');
    } else if (component->method == BUNDLE_KUSTOMIZE) {
        text_addf(out, "%skubectl kustomize ", prefix);
        shell_add_word(out, component->chart);
        text_add(out, " | kubectl apply --server-side");
        if (*component->namespace_)
            text_addf(out, " --namespace %s", component->namespace_);
        text_add(out, " -f -\n");
    }
    add_manifest_commands(component, false, prefix, out);
}

static const char *version_of(const struct bundle_component *component) {
    if (component->version)
        return component->version;
    return component->method == BUNDLE_MANIFESTS ? "manifests only" : "newest";
}

static void add_where(const struct bundle_component *component, struct text *out) {
    if (component->method == BUNDLE_MANIFESTS)
        text_add(out, "this folder");
    else
        markdown_add_cell(out, component->repository ? component->repository : component->chart);
}

static void add_notes(const struct bundle *bundle, const char *component, struct text *out) {
    bool is_first = true;
    for (size_t i = 0; i < bundle->notes.count; i++) {
        const struct note *note = &bundle->notes.items[i];
        if (component && !str_eq(note->component, component))
            continue;
        if (is_first)
            text_add(out, "## Notes\n\n");
        is_first = false;
        text_addf(out, "- %s%s%s%s", note->is_warning ? "**Warning:** " : "", note->component ? note->component : "",
                  note->component ? ": " : "", note->text);
        text_add_char(out, '\n');
    }
    if (!is_first)
        text_add_char(out, '\n');
}

static void add_criteria(const struct recipe *recipe, struct text *out) {
    text_add(out, "## Criteria\n\n| criterion | value |\n|---|---|\n");
    for (size_t i = 0; i < CRITERIA_FIELD_COUNT; i++)
        text_addf(out, "| %s | %s |\n", criteria_field_names[i],
                  recipe->criteria.field[i] ? recipe->criteria.field[i] : "any");
    if (recipe->criteria.nodes > 0)
        text_addf(out, "| nodes | %lld |\n", (long long)recipe->criteria.nodes);
    text_add_char(out, '\n');
}

static void add_components(const struct bundle *bundle, struct text *out) {
    text_add(out,
             "## Components\n\n| wave | component | version | namespace | from | needs |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < bundle->count; i++) {
        const struct bundle_component *component = &bundle->components[i];
        text_addf(out, "| %u | [%s](%s/README.md) | ", component->wave, component->name, component->name);
        markdown_add_cell(out, version_of(component));
        text_addf(out, " | %s | ", component->namespace_);
        add_where(component, out);
        text_add(out, " | ");
        for (size_t j = 0; j < component->dependency_count; j++)
            text_addf(out, "%s%s", j ? ", " : "", component->dependencies[j]);
        text_add(out, " |\n");
    }
    text_add_char(out, '\n');
    for (size_t i = 0; i < bundle->removed_count; i++)
        text_addf(out, "%s%s%s", i ? ", " : "Switched off: ", bundle->removed[i],
                  i + 1 == bundle->removed_count ? ".\n\n" : "");
}

static void add_constraints(const struct recipe *recipe, struct text *out) {
    if (!recipe->constraint_count)
        return;
    text_add(out,
             "## Constraints\n\nThe recipe is known to work where these hold; `cnsctl validate --recipe recipe.yaml` "
             "checks them.\n\n| what | must be |\n|---|---|\n");
    for (size_t i = 0; i < recipe->constraint_count; i++) {
        text_add(out, "| ");
        markdown_add_cell(out, recipe->constraints[i].name);
        text_add(out, " | `");
        markdown_add_cell(out, recipe->constraints[i].value);
        text_add(out, "` |\n");
    }
    text_add_char(out, '\n');
}

static void add_tuning(const struct bundle *bundle, struct text *out) {
    size_t count = 0;
    for (size_t i = 0; i < bundle->tuning.count; i++)
        count += bundle->tuning.settings[i].is_enabled;
    if (count)
        text_addf(
            out,
            "## Node tuning\n\n%zu settings of the nodes belong to this recipe: [tuning/README.md](tuning/README.md) "
            "tells how each is\napplied, proved and reverted.\n\n",
            count);
    else if (bundle->tuning.note)
        text_addf(out, "## Node tuning\n\n%s\n\n", bundle->tuning.note);
}

static void add_manual(const struct bundle *bundle, struct text *out) {
    text_add(out,
             "## Installing by hand\n\nFrom this folder, in this order; let each wave become ready before the next.\n\n"
             "```bash\n");
    for (size_t i = 0; i < bundle->count; i++) {
        const struct bundle_component *component = &bundle->components[i];
        if (i == 0 || component->wave != bundle->components[i - 1].wave)
            text_addf(out, "%s# wave %u\n", i ? "\n" : "", component->wave);
        helm_add_commands(component, "", out);
    }
    text_add(out, "```\n\n");
}

static const char how_to[] =
    "## Installing\n\n"
    "Needs bash, helm 3.8 or newer, kubectl, and a kubeconfig for the cluster.\n\n"
    "```bash\n"
    "./deploy.sh --dry-run    # what would be done, without a cluster\n"
    "./deploy.sh              # --context NAME, --kubeconfig FILE, --retries N, --no-wait, --best-effort\n"
    "```\n\n"
    "The script first verifies that all files are as they were made (`sha256sum -c checksums.txt`), then installs wave "
    "by\n"
    "wave. Run it again after a failure: what is installed stays, and is brought to the state of this bundle.\n\n";

static const char how_to_change[] =
    "## Customizing\n\n"
    "Make the bundle anew with other values, rather than editing it (deploy.sh refuses a bundle that was edited):\n\n"
    "```bash\n"
    "cnsctl bundle --recipe recipe.yaml --set NAME:path.to.value=VALUE --output ../new-bundle\n"
    "```\n\n"
    "## Upgrading\n\n"
    "Make a bundle from the new recipe and run its deploy.sh: releases that exist are upgraded in place. A component "
    "that\n"
    "is no longer part of the bundle stays installed until `helm uninstall` removes it.\n\n"
    "## Removing\n\n"
    "```bash\n"
    "./undeploy.sh --dry-run\n"
    "./undeploy.sh            # --keep-namespaces, --delete-crds, --timeout TIME\n"
    "```\n\n"
    "It removes this bundle's releases and manifests in reverse order, and the namespaces that deploy.sh created when\n"
    "nothing else is in them. Resource definitions stay, because objects of others may depend on them.\n\n"
    "## Troubleshooting\n\n"
    "- A component fails: its output is above the word FAILED; `helm status NAME --namespace NAMESPACE` and\n"
    "  `kubectl get pods,events --namespace NAMESPACE` tell more.\n"
    "- *another operation is in progress*: an earlier run was interrupted inside Helm; `helm rollback NAME "
    "--namespace\n"
    "  NAMESPACE` or, for a first installation, `helm uninstall NAME --namespace NAMESPACE` frees the release.\n"
    "- *files differ from checksums.txt*: the bundle was changed after it was made. Make it again.\n"
    "- Pods stay pending: compare the selectors and tolerations in the component's values.yaml with the labels and "
    "taints\n"
    "  of the nodes. A bundle has only those tolerations that were asked for.\n";

void helm_add_root_readme(const struct bundle *bundle, struct text *out) {
    const struct recipe *recipe = bundle->request->recipe;
    text_addf(out, "# Cloud Native Stack bundle\n\nMade by cnsctl %s",
              bundle->request->program_version ? bundle->request->program_version : "");
    if (recipe->version)
        text_addf(out, " from a recipe of version %s", recipe->version);
    if (recipe->catalog_digest)
        text_addf(out, ", which is of the catalog %s%s`%s`", recipe->catalog_version ? recipe->catalog_version : "",
                  recipe->catalog_version ? ", " : "", recipe->catalog_digest);
    text_addf(out, ": %zu components in %u waves.\n\n", bundle->count, bundle->wave_count);
    add_notes(bundle, NULL, out);
    add_criteria(recipe, out);
    add_components(bundle, out);
    add_constraints(recipe, out);
    add_tuning(bundle, out);
    text_add(out, how_to);
    add_manual(bundle, out);
    text_add(out, how_to_change);
}

void helm_add_component_readme(const struct bundle *bundle, const struct bundle_component *component,
                               struct text *out) {
    text_addf(out, "# %s\n\n| | |\n|---|---|\n| version | ", component->title);
    markdown_add_cell(out, version_of(component));
    text_addf(out, " |\n| namespace | %s |\n| from | ", component->namespace_);
    add_where(component, out);
    text_addf(out, " |\n| wave | %u of %u |\n", component->wave, bundle->wave_count);
    if (component->dependency_count) {
        text_add(out, "| needs | ");
        for (size_t i = 0; i < component->dependency_count; i++)
            text_addf(out, "%s%s", i ? ", " : "", component->dependencies[i]);
        text_add(out, " |\n");
    }
    text_add_char(out, '\n');
    add_notes(bundle, component->name, out);
    text_addf(out, "## Files\n\n- `values.yaml`: the values that %s\n",
              component->method == BUNDLE_HELM ? "the chart is installed with" : "its manifests are rendered with");
    for (size_t i = 0; i < component->manifest_count; i++)
        text_addf(out, "- `%s`: applied %s%s\n", component->manifests[i].path + strlen(component->name) + 1,
                  component->method == BUNDLE_HELM ? (component->manifests[i].is_pre ? "before" : "after")
                                                   : "by kubectl",
                  component->method == BUNDLE_HELM ? " the chart" : "");
    text_add(out, "\n## Installing by hand\n\nFrom the bundle's folder:\n\n```bash\n");
    helm_add_commands(component, "", out);
    text_add(out, "```\n\nTo remove it:\n\n```bash\n");
    for (size_t i = component->manifest_count; i-- > 0;) {
        const struct bundle_manifest *manifest = &component->manifests[i];
        if (manifest->has_definitions || manifest->has_namespaces)
            continue;
        text_add(out, "kubectl delete --ignore-not-found -f ");
        shell_add_word(out, manifest->path);
        if (!manifest->sets_own_namespace)
            text_addf(out, " --namespace %s", component->namespace_);
        text_add_char(out, '\n');
    }
    if (component->method == BUNDLE_HELM)
        text_addf(out, "helm uninstall %s --namespace %s --wait\n", component->name, component->namespace_);
    if (component->method == BUNDLE_KUSTOMIZE) {
        text_add(out, "kubectl kustomize ");
        shell_add_word(out, component->chart);
        text_add(out, " | kubectl delete --ignore-not-found -f -\n");
    }
    text_add(out, "```\n");
}
