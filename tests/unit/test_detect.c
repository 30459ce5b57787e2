// SPDX-License-Identifier: Apache-2.0
// What snapshots tell about criteria, with the built-in rules and GPU ids.
#include "test.h"

#include "base/arena.h"
#include "base/text.h"
#include "catalog/detect.h"

struct world {
    struct arena *arena;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
};

static int open_world(void **state) {
    static struct world world;
    struct error *err = NULL;
    world.arena = arena_new();
    *state = &world;
    int r = catalog_open(world.arena, &(struct catalog_spec){0}, &world.catalog, &err);
    return r < 0 ? r : vocabulary_open(world.arena, world.catalog, &world.vocabulary, &err);
}

static int close_world(void **state) {
    arena_free(((struct world *)*state)->arena);
    return 0;
}

static struct detection detect(struct world *world, const struct snapshot *snapshot) {
    _cleanup_error_ struct error *err = NULL;
    struct detection detection;
    assert_int_equal(detect_criteria(world->arena, world->catalog, world->vocabulary, snapshot, &detection, &err), 0);
    return detection;
}

struct fact {
    const char *type, *subtype, *key, *value;
    enum criteria_field field;
    const char *expected; // NULL: not detected
};

static const struct fact facts[] = {
    {"K8s", "server", "version", "v1.30.14-eks-3025e55", CRITERIA_SERVICE, "eks"},
    {"K8s", "server", "version", "v1.31.1-gke.1337000", CRITERIA_SERVICE, "gke"},
    {"K8s", "server", "version", "v1.33.1", CRITERIA_SERVICE, NULL},
    {"K8s", "node", "provider", "aks", CRITERIA_SERVICE, "aks"},
    {"K8s", "node", "provider-id", "azure:///subscriptions/x", CRITERIA_SERVICE, "aks"},
    {"K8s", "node", "provider", "oke", CRITERIA_SERVICE, "oke"},
    {"K8s", "node", "provider-id", "ocid1.instance.oc1.iad.x", CRITERIA_SERVICE, "oke"},
    {"K8s", "node", "provider-id", "kind://docker/kind/node", CRITERIA_SERVICE, "kind"},
    {"OS", "release", "ID", "ubuntu", CRITERIA_OS, "ubuntu"},
    {"OS", "release", "ID", "amzn", CRITERIA_OS, "amazonlinux"},
    {"OS", "release", "ID", "ol", CRITERIA_OS, "ol"},
    {"OS", "release", "ID", "cos", CRITERIA_OS, "cos"},
    {"OS", "release", "ID", "debian", CRITERIA_OS, NULL},
    {"GPU", "smi", "gpu.model", "NVIDIA H100 80GB HBM3", CRITERIA_ACCELERATOR, "h100"},
    {"GPU", "smi", "gpu.model", "NVIDIA H200", CRITERIA_ACCELERATOR, "h200"},
    {"GPU", "smi", "gpu.model", "NVIDIA GB200", CRITERIA_ACCELERATOR, "gb200"},
    {"GPU", "smi", "gpu.model", "NVIDIA B200", CRITERIA_ACCELERATOR, "b200"},
    {"GPU", "device", "model", "NVIDIA L40S", CRITERIA_ACCELERATOR, "l40s"},
    {"GPU", "device", "model", "NVIDIA L40", CRITERIA_ACCELERATOR, "l40"},
    {"GPU", "gpu0", "model", "nvidia a100-sxm4-80gb", CRITERIA_ACCELERATOR, "a100"},
    {"GPU", "smi", "gpu.model", "NVIDIA RTX A1000", CRITERIA_ACCELERATOR, NULL},
    {"GPU", "smi", "gpu.0.pci-id", "10de:2330", CRITERIA_ACCELERATOR, "h100"},
    {"GPU", "smi", "gpu.0.pci-id", "10DE:2335", CRITERIA_ACCELERATOR, "h200"},
    {"GPU", "smi", "gpu.0.pci-device-id", "0x290110DE", CRITERIA_ACCELERATOR, "b200"},
    {"GPU", "smi", "gpu.0.pci-id", "10de:ffff", CRITERIA_ACCELERATOR, NULL},
    {"GPU", "smi", "gpu.0.pci-id", "nonsense", CRITERIA_ACCELERATOR, NULL},
};

static void test_facts(void **state) {
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        struct snapshot *snapshot = snapshot_new(world->arena);
        snapshot_set_string(snapshot, snapshot_subtype(snapshot, facts[i].type, facts[i].subtype), facts[i].key,
                            facts[i].value);
        struct detection detection = detect(world, snapshot);
        if (!str_eq(detection.criteria.field[facts[i].field], facts[i].expected))
            fail_msg("%s: found %s", facts[i].value, detection.criteria.field[facts[i].field]);
        assert_int_equal(detection.from[facts[i].field] != NULL, facts[i].expected != NULL);
        assert_int_equal(criteria_specificity(&detection.criteria), facts[i].expected != NULL);
    }
}

static void test_gpus_that_differ_are_told(void **state) {
    struct world *world = *state;
    struct snapshot *snapshot = snapshot_new(world->arena);
    struct subtype *smi = snapshot_subtype(snapshot, "GPU", "smi");
    snapshot_set_string(snapshot, smi, "gpu.0.model", "NVIDIA H100 80GB HBM3");
    snapshot_set_string(snapshot, smi, "gpu.1.model", "NVIDIA H100 80GB HBM3");
    assert_int_equal(detect(world, snapshot).note_count, 0);
    snapshot_set_string(snapshot, smi, "gpu.2.model", "NVIDIA L40S");
    struct detection detection = detect(world, snapshot);
    assert_string_equal(detection.criteria.field[CRITERIA_ACCELERATOR], "h100");
    assert_int_equal(detection.note_count, 1);
    assert_non_null(strstr(detection.notes[0].text, "GPUs differ: GPU.smi.gpu.2.model is 'NVIDIA L40S' (l40s)"));
}

static void test_unknown_model_is_told(void **state) {
    struct world *world = *state;
    struct snapshot *snapshot = snapshot_new(world->arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "GPU", "smi"), "gpu.model", "NVIDIA Z9000");
    struct detection detection = detect(world, snapshot);
    assert_null(detection.criteria.field[CRITERIA_ACCELERATOR]);
    assert_non_null(strstr(detection.notes[0].text, "unless --accelerator names one"));
}

// What is not known must not look as if nothing had been read.
static void test_unknown_system_is_told(void **state) {
    struct world *world = *state;
    struct snapshot *snapshot = snapshot_new(world->arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "OS", "release"), "ID", "debian");
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "K8s", "server"), "version", "v1.33.1");
    struct detection detection = detect(world, snapshot);
    assert_int_equal(detection.note_count, 1);
    assert_int_equal(detection.notes[0].field, CRITERIA_OS);
    assert_non_null(strstr(detection.notes[0].text, "OS.release.ID is 'debian', which no os is known by"));
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "K8s", "node"), "provider", "metal3");
    detection = detect(world, snapshot);
    assert_int_equal(detection.note_count, 2);
    assert_non_null(strstr(detection.notes[0].text, "K8s.node.provider is 'metal3', which no service is known by"));
}

static void test_words(void **state) {
    struct world *world = *state;
    static const struct {
        const char *text, *expected; // NULL: any
        enum criteria_field field;
    } words[] = {{" EKS ", "eks", CRITERIA_SERVICE},
                 {"any", NULL, CRITERIA_SERVICE},
                 {"", NULL, CRITERIA_OS},
                 {"Self-Managed", NULL, CRITERIA_SERVICE},
                 {"vanilla", NULL, CRITERIA_SERVICE},
                 {"al2023", "amazonlinux", CRITERIA_OS},
                 {"al2", "amazonlinux", CRITERIA_OS},
                 {"Training", "training", CRITERIA_INTENT},
                 {"kubeflow", "kubeflow", CRITERIA_PLATFORM},
                 {"h100", "h100", CRITERIA_ACCELERATOR}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        _cleanup_error_ struct error *err = NULL;
        const char *value = "unset";
        assert_int_equal(vocabulary_resolve(world->vocabulary, words[i].field, words[i].text, "--x", &value, &err), 0);
        assert_true(str_eq(value, words[i].expected));
    }
    _cleanup_error_ struct error *err = NULL;
    const char *value = "unset";
    assert_true(vocabulary_resolve(world->vocabulary, CRITERIA_ACCELERATOR, "h10O", "--gpu", &value, &err) < 0);
    assert_string_equal(value, "unset");
    assert_non_null(strstr(err->message, "--gpu: unknown accelerator 'h10o'; valid values: any, a10, "));
    assert_string_equal(err->hint, "did you mean 'h100'?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_gpus_that_differ_are_told),
        cmocka_unit_test(test_unknown_model_is_told),
        cmocka_unit_test(test_unknown_system_is_told),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
