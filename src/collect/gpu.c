// SPDX-License-Identifier: Apache-2.0
#include "collect/gpu.h"
#include "base/alloc.h"
#include "base/process.h"
#include "collect/collectors.h"
#include "io/nvml.h"

#include <stdlib.h>

#define DRIVER_FILE "/proc/driver/nvidia/version"

// Where the loader does not look: the operator's driver container, and nodes of Google's.
static const char *const nvml_names[] = {"libnvidia-ml.so.1",
                                         "/run/nvidia/driver/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
                                         "/run/nvidia/driver/usr/lib/aarch64-linux-gnu/libnvidia-ml.so.1",
                                         "/run/nvidia/driver/usr/lib64/libnvidia-ml.so.1",
                                         "/home/kubernetes/bin/nvidia/lib64/libnvidia-ml.so.1",
                                         "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
                                         NULL};

// The sources in turn: what they found, or why nothing.
struct search {
    struct collection *collection;
    const struct doc *found; // NULL: nothing yet
    const char *source;
    struct text why;
    bool has_failed; // not merely absent
};

static void note_why(struct search *search, const char *text) {
    text_addf(&search->why, "%s%s", search->why.length ? "; " : "", text);
}

static void note_error(struct search *search, struct error **err) {
    enum error_code code = (*err)->code;
    search->has_failed |= code != ERROR_NOT_FOUND && code != ERROR_UNAVAILABLE;
    note_why(search, (*err)->message);
    error_free(TAKE_PTR(*err));
}

static void try_nvml(struct search *search) {
    struct error *err = NULL;
    const struct doc *found;
    if (nvml_read(nvml_names, search->collection->arena, &found, &err) < 0) {
        note_error(search, &err);
    } else if (!doc_count(doc_get(found, "gpus"))) {
        note_why(search, "NVML lists no GPU");
    } else {
        search->found = found;
        search->source = "nvml";
    }
}

static int run_smi(struct search *search, const struct doc **ret, struct error **err) {
    const char *const argv[] = {"nvidia-smi", "-q", "-x", NULL};
    _cleanup_process_result_ struct process_result result = {0};
    // It must end before the collector's own time does, so that it is told apart from everything else.
    struct process_spec spec = {.argv = argv, .timeout_ms = search->collection->budget_ms * 4 / 5};
    int r = process_run(&spec, &result, err);
    if (r < 0)
        return r;
    if (result.exit_status) {
        char *line = str_trim(result.output.length ? result.output.bytes : (char *)text_str(&result.error_output));
        size_t length = MIN(strcspn(line, "\n"), (size_t)200);
        // 9: no driver is loaded, which is how a machine can be; everything else is a fault.
        enum error_code code = result.exit_status == 9 ? ERROR_UNAVAILABLE : ERROR_INTERNAL;
        return error_set(err, code, "nvidia-smi: exit status %d: %.*s", result.exit_status, (int)length, line);
    }
    return gpu_smi_parse(search->collection->arena, text_str(&result.output), result.output.length, ret, err);
}

static void try_smi(struct search *search) {
    struct error *err = NULL;
    const struct doc *found;
    if (run_smi(search, &found, &err) < 0) {
        note_error(search, &err);
    } else if (!doc_count(doc_get(found, "gpus"))) {
        note_why(search, "nvidia-smi lists no GPU");
    } else {
        search->found = found;
        search->source = "nvidia-smi";
    }
}

static void try_pci(struct search *search) {
    struct arena *arena = search->collection->arena;
    const struct doc *gpus = gpu_pci_scan(search->collection->machine, arena);
    if (!doc_count(gpus)) {
        note_why(search, "there is no NVIDIA GPU on the PCI bus");
        return;
    }
    struct doc *found = doc_new_map(arena);
    doc_map_set(arena, found, "gpus", gpus);
    search->found = found;
    search->source = "pci";
}

// --- readings ---

// The keys that stand for the first GPU in the predecessors' documents.
static const struct {
    const char *key, *name;
} first_gpu_keys[] = {
    {"model", "gpu.model"},
    {"architecture", "gpu.product-architecture"},
    {"display-mode", "gpu.display-mode"},
    {"display-active", "gpu.display-active"},
    {"persistence-mode", "gpu.persistence-mode"},
    {"addressing-mode", "gpu.addressing-mode"},
    {"vbios-version", "gpu.vbios-version"},
    {"gsp-firmware-version", "gpu.gsp-firmware-version"},
};

// The driver's version as the kernel tells it, where no library could; and which of its two kinds is loaded.
static void add_kernel_driver(const struct readings *readings, const char *known_version) {
    const struct machine *machine = readings->collection->machine;
    char version[128];
    if (!known_version && machine_line(machine, "/sys/module/nvidia/version", version, sizeof version) && *version)
        known_version = version;
    reading_string(readings, "driver", known_version);
    char line[512];
    if (machine_line(machine, DRIVER_FILE, line, sizeof line))
        reading_string(readings, "driver-kind", str_contains_ignore_case(line, "open kernel") ? "open" : "proprietary");
}

static void add_summary(struct collection *collection, const struct doc *found, const char *source,
                        const struct doc *const *gpus, size_t count) {
    if (!collection_wants(collection, "smi"))
        return;
    struct readings readings = readings_of(collection, "smi");
    reading_uint(&readings, "gpu-count", count);
    if (!found)
        return;
    reading_string(&readings, "source", source);
    add_kernel_driver(&readings, doc_get_text(found, "driver", NULL));
    reading_string(&readings, "cuda-version", doc_get_text(found, "cuda-version", NULL));
    reading_string(&readings, "nvml-version", doc_get_text(found, "nvml-version", NULL));
    for (size_t i = 0; count && i < ARRAY_SIZE(first_gpu_keys); i++)
        reading_string(&readings, first_gpu_keys[i].name, doc_get_text(gpus[0], first_gpu_keys[i].key, NULL));
}

static void add_gpu(struct collection *collection, const struct doc *gpu, size_t index) {
    _cleanup_free_ char *name = xasprintf("gpu-%zu", index);
    if (!collection_wants(collection, name))
        return;
    struct readings readings = readings_of(collection, name);
    reading_uint(&readings, "index", index);
    DOC_FOREACH_MEMBER(member, gpu) {
        if (doc_is(member->value, DOC_STRING))
            reading_string(&readings, member->key, doc_text(member->value));
        else
            reading_scalar(&readings, member->key, member->value->kind, doc_text(member->value));
    }
}

// One that is lost has no address any more: it comes last, so that the others keep their numbers.
static int compare_gpus(const void *a, const void *b) {
    return strcmp(doc_get_text(*(const struct doc *const *)a, "pci-address", "~"),
                  doc_get_text(*(const struct doc *const *)b, "pci-address", "~"));
}

// In the order of PCI addresses, whatever order the source gave.
static void add_all(struct collection *collection, const struct search *search) {
    const struct doc *list = doc_get(search->found, "gpus");
    size_t count = doc_count(list);
    const struct doc **gpus = arena_new_array(collection->arena, const struct doc *, count);
    for (size_t i = 0; i < count; i++) {
        struct doc *gpu = doc_copy(collection->arena, doc_item(list, i));
        gpu_pci_add(collection->machine, collection->arena, gpu);
        gpus[i] = gpu;
    }
    if (count > 1)
        qsort(gpus, count, sizeof *gpus, compare_gpus);
    add_summary(collection, search->found, search->source, gpus, count);
    for (size_t i = 0; i < count; i++)
        add_gpu(collection, gpus[i], i);
    DOC_FOREACH_ITEM(problem, doc_get(search->found, "problems"))
    collection_note(collection, "%s", doc_text(problem));
}

static int finish(struct search *search, struct error **err) {
    struct collection *collection = search->collection;
    const char *why = text_str(&search->why);
    if (!search->found && search->has_failed)
        return error_set(err, ERROR_UNAVAILABLE, "%s", why);
    if (!search->found) {
        // Zero is what there is, and what a constraint on the number of GPUs can be judged by.
        add_summary(collection, NULL, NULL, NULL, 0);
        return collection_absent(collection, "no GPU: %s", why);
    }
    add_all(collection, search);
    if (search->why.length)
        collection_note(collection, "read from %s, because: %s", search->source, why);
    return 0;
}

static int collect(struct collection *collection, struct error **err) {
    struct search search = {.collection = collection};
    // Library and program talk to the kernel that runs this process: asked only when that is the machine's, or says so.
    if (machine_is_live(collection->machine) || machine_has(collection->machine, DRIVER_FILE)) {
        try_nvml(&search);
        if (!search.found)
            try_smi(&search);
    } else {
        note_why(&search, "no NVIDIA driver is loaded");
    }
    if (!search.found)
        try_pci(&search);
    int r = finish(&search, err);
    text_done(&search.why);
    return r;
}

static const char *const subtypes[] = {"smi", "gpu-*", NULL};
const struct collector collector_gpu = {.type = "GPU", .subtypes = subtypes, .budget_ms = 30000, .collect = collect};
