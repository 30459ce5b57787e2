// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/bundle.h"

extern const struct command command_bundle;

struct bundle_options {
    const char *recipe, *output, *data, *catalog, *deployer, *workload_gate, *storage_class, *shared_storage_class;
    struct strvec overrides; // of all four kinds, in order
    struct strvec system_selectors, system_tolerations, accelerated_selectors, accelerated_tolerations;
    struct strvec workload_selectors;
    int64_t nodes;
    bool allow_unknown, force, check;
};

static void tell_notes(const struct bundle *bundle) {
    for (size_t i = 0; i < bundle->notes.count; i++) {
        const struct note *note = &bundle->notes.items[i];
        const char *name = note->component ? note->component : "", *colon = note->component ? ": " : "";
        if (note->is_warning)
            log_warning("%s%s%s", name, colon, note->text);
        else
            log_info("%s%s%s", name, colon, note->text);
    }
}

static int tell_result(const struct bundle_options *options, const struct bundle_result *result, struct error **err) {
    const struct bundle *bundle = &result->bundle;
    _cleanup_text_ struct text out = {0};
    if (result->aside)
        text_addf(&out, "moved aside: %s\n", result->aside);
    if (options->check) {
        text_addf(&out, "checked: %zu components in %u waves, %zu files; nothing was written\n", bundle->count,
                  bundle->wave_count, bundle->tree.count);
        return output_text(&out, err);
    }
    text_addf(&out, "bundle: %s: %zu components in %u waves, %zu files\n", options->output, bundle->count,
              bundle->wave_count, bundle->tree.count);
    for (size_t i = 0; i < bundle->count; i++) {
        bool starts_wave = i == 0 || bundle->components[i].wave != bundle->components[i - 1].wave;
        if (starts_wave)
            text_addf(&out, "%swave %u:", i ? "\n" : "", bundle->components[i].wave);
        text_addf(&out, " %s", bundle->components[i].name);
    }
    text_addf(&out, "\nnext: %s/deploy.sh --dry-run\n", options->output);
    return output_text(&out, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct bundle_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct bundle_arguments arguments = {
        .recipe = options->recipe,
        .output = options->output,
        .knowledge = {.data = options->data, .catalog = options->catalog},
        .deployer = options->deployer,
        .overrides = &options->overrides,
        .schedule = {.system_selectors = options->system_selectors,
                     .system_tolerations = options->system_tolerations,
                     .accelerated_selectors = options->accelerated_selectors,
                     .accelerated_tolerations = options->accelerated_tolerations,
                     .workload_selectors = options->workload_selectors,
                     .workload_gate = options->workload_gate,
                     .storage_class = options->storage_class,
                     .shared_storage_class = options->shared_storage_class,
                     .nodes = options->nodes},
        .allows_unknown = options->allow_unknown,
        .force = options->force,
        .skips_writing = options->check,
    };
    struct bundle_result result = {0};
    int r = bundle_make(arena, &arguments, &result, err);
    if (r < 0)
        return r;
    tell_notes(&result.bundle);
    r = tell_result(options, &result, err);
    return r < 0 ? r : 0;
}

#define MEMBER(member) .offset = offsetof(struct bundle_options, member)

static const struct option options_table[] = {
    {.name = "recipe",
     .short_name = 'r',
     .type = OPTION_STRING,
     MEMBER(recipe),
     .value_name = "FILE",
     .is_required = true,
     .completes_files = true,
     .help = "Recipe to bundle: a RecipeResult of this program or of either predecessor; a path, a URL, or - for "
             "standard input."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     MEMBER(output),
     .value_name = "DIR",
     .default_text = "./bundle",
     .completes_directories = true,
     .help = "Folder of the bundle. It is written whole or not at all; an older bundle in it is replaced whole."},
    {.name = "force",
     .type = OPTION_BOOL,
     MEMBER(force),
     .help = "Take the folder even when it holds something else, which is moved aside and kept."},
    {.name = "check",
     .type = OPTION_BOOL,
     MEMBER(check),
     .help = "Do everything but write: tell whether the bundle could be made."},
    {.name = "set",
     .type = OPTION_LIST,
     MEMBER(overrides),
     .list_prefix = "set:",
     .allows_empty = false,
     .value_name = "NAME:PATH=VALUE",
     .help = "Set a value of a component. The value that is replaced decides the kind of the new one. Several settings "
             "are separated by commas; \\ takes a character literally; [0] is a list item, {a,b} a list."},
    {.name = "set-string",
     .type = OPTION_LIST,
     MEMBER(overrides),
     .list_prefix = "set-string:",
     .value_name = "NAME:PATH=TEXT",
     .help = "As --set, but the value is always text."},
    {.name = "set-json",
     .type = OPTION_LIST,
     MEMBER(overrides),
     .list_prefix = "set-json:",
     .value_name = "NAME:PATH=JSON",
     .help = "As --set, but the value is JSON."},
    {.name = "set-file",
     .type = OPTION_LIST,
     MEMBER(overrides),
     .list_prefix = "set-file:",
     .value_name = "NAME:PATH=FILE",
     .completes_files = true,
     .help = "As --set, but the value is the text of a file."},
    {.name = "allow-unknown",
     .type = OPTION_BOOL,
     MEMBER(allow_unknown),
     .help = "Let --set and its like set values that the component is not known to have."},
    {.name = "system-node-selector",
     .type = OPTION_LIST,
     MEMBER(system_selectors),
     .splits_commas = true,
     .value_name = "KEY=VALUE",
     .help = "Label of the nodes on which operators and controllers run."},
    {.name = "system-node-toleration",
     .type = OPTION_LIST,
     MEMBER(system_tolerations),
     .splits_commas = true,
     .value_name = "KEY=VALUE:EFFECT",
     .help = "Taint that operators and controllers tolerate; KEY:EFFECT for any value, * for every taint. None is "
             "tolerated that is not named."},
    {.name = "accelerated-node-selector",
     .type = OPTION_LIST,
     MEMBER(accelerated_selectors),
     .splits_commas = true,
     .value_name = "KEY=VALUE",
     .help = "Label of the nodes with accelerators."},
    {.name = "accelerated-node-toleration",
     .type = OPTION_LIST,
     MEMBER(accelerated_tolerations),
     .splits_commas = true,
     .value_name = "KEY=VALUE:EFFECT",
     .help = "Taint that what runs on nodes with accelerators tolerates."},
    {.name = "workload-selector",
     .type = OPTION_LIST,
     MEMBER(workload_selectors),
     .splits_commas = true,
     .value_name = "KEY=VALUE",
     .help = "Label of pods whose work must not be interrupted."},
    {.name = "workload-gate",
     .type = OPTION_STRING,
     MEMBER(workload_gate),
     .value_name = "TAINT",
     .help = "Taint, as key=value:Effect, that keeps workloads off a node until it is ready."},
    {.name = "nodes",
     .type = OPTION_INT,
     MEMBER(nodes),
     .value_name = "N",
     .minimum = 0,
     .maximum = 1000000,
     .help = "How many nodes the cluster has, for components that want to know."},
    {.name = "storage-class",
     .type = OPTION_STRING,
     MEMBER(storage_class),
     .value_name = "NAME",
     .help = "StorageClass of volumes that one pod mounts, such as the database of Prometheus."},
    {.name = "shared-storage-class",
     .type = OPTION_STRING,
     MEMBER(shared_storage_class),
     .value_name = "NAME",
     .help = "StorageClass of volumes that many pods mount, such as data sets and models."},
    {.name = "deployer",
     .short_name = 'd',
     .type = OPTION_STRING,
     MEMBER(deployer),
     .value_name = "NAME",
     .default_text = "helm",
     .help = "What the bundle is installed with. There is helm; argocd, argocd-helm, flux and helmfile are planned."},
    {.name = "data",
     .type = OPTION_STRING,
     MEMBER(data),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Folder of knowledge over the built-in one, for recipes that refer to it."},
    {.name = "catalog",
     .type = OPTION_STRING,
     MEMBER(catalog),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Folder of knowledge in place of the built-in one."},
    {0}};

static const struct example examples[] = {
    {"cnsctl bundle -r recipe.yaml", "into ./bundle"},
    {"cnsctl recipe --service eks --accelerator h100 --intent training | cnsctl bundle -r - -o eks-h100",
     "in one go, without a file"},
    {"cnsctl bundle -r recipe.yaml --set gpu-operator:driver.version=570.10 --set certmanager:enabled=false",
     "another driver; without cert-manager, which is there already"},
    {"cnsctl bundle -r recipe.yaml --accelerated-node-selector nodeGroup=gpu --accelerated-node-toleration "
     "dedicated=gpu:NoSchedule",
     "for GPU nodes with a label and a taint"},
    {"cnsctl bundle -r recipe.yaml --set-json 'gpu-operator:driver.env=[{\"name\":\"A\",\"value\":\"1\"}]'",
     "a value that is a list of maps"},
    {0}};

const struct command command_bundle = {
    .name = "bundle",
    .summary = "Turn a recipe into files that deploy it.",
    .description =
        "Renders the components of a recipe into a folder: for each one its Helm values, manifests and a README; for "
        "all a plan in waves, deploy.sh and undeploy.sh, and checksums of every file. The same recipe and options give "
        "the same bytes. Nothing in the cluster is touched: deploy.sh does that.",
    .options = options_table,
    .options_size = sizeof(struct bundle_options),
    .examples = examples,
    .run = run,
};
