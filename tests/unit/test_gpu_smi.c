// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/file.h"
#include "base/text.h"
#include "collect/gpu.h"

static int parse(struct arena *arena, const char *text, const struct doc **ret, struct error **err) {
    return gpu_smi_parse(arena, text, strlen(text), ret, err);
}

static void test_recorded_output(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text content = {0};
    const struct doc *found;
    assert_int_equal(file_read(FAKES "/fake-nvidia-smi.xml", 1 << 20, &content, &err), 0);
    assert_int_equal(gpu_smi_parse(arena, content.bytes, content.length, &found, &err), 0);
    assert_string_equal(doc_get_text(found, "driver", ""), "570.133.20");
    assert_string_equal(doc_get_text(found, "cuda-version", ""), "12.8");
    const struct doc *gpus = doc_get(found, "gpus"), *second = doc_item(gpus, 1);
    assert_int_equal(doc_count(gpus), 2);
    static const struct {
        const char *key, *text;
    } expected[] = {
        {"model", "NVIDIA H100 80GB HBM3"},
        {"pci-address", "0000:64:00.0"},
        {"pci-id", "10de:2330"},
        {"memory-total-mib", "81559"},
        {"power-limit-watts", "650.5"},
        {"pcie-width-maximum", "16"},
        {"mig-device-count", "2"},
        {"ecc-mode", "Enabled"},
        {"addressing-mode", "HMM"},
        {"clock-maximum-memory-mhz", "2619"},
        {"fabric-state", "Completed"},
        {"serial", "1653024000001"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
        assert_string_equal(doc_get_text(second, expected[i].key, "(absent)"), expected[i].text);
    // What nvidia-smi cannot tell is no value.
    assert_null(doc_get(second, "clock-application-graphics-mhz"));
    assert_null(doc_get(doc_item(gpus, 0), "mig-device-count"));
}

static void test_refusals(void **state _unused_) {
    static const char *const texts[] = {
        "",
        "NVIDIA-SMI has failed",
        "<other/>",
        "<nvidia_smi_log><gpu>",
        "<nvidia_smi_log></gpu></nvidia_smi_log>",
        "<!DOCTYPE a [<!ENTITY x \"yyyy\">]><nvidia_smi_log><driver_version>&x;</driver_version></nvidia_smi_log>",
        "<nvidia_smi_log/>trailing",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        const struct doc *found = NULL;
        assert_int_equal(parse(arena, texts[i], &found, &err), -ERROR_INVALID);
        assert_non_null(strstr(err->message, "nvidia-smi"));
        assert_null(found);
    }
}

static void test_limits(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *found;
    _cleanup_text_ struct text deep = {0}, many = {0};
    text_add(&deep, "<nvidia_smi_log>");
    for (int i = 0; i < 100; i++)
        text_add(&deep, "<a>");
    assert_int_equal(parse(arena, text_str(&deep), &found, &err), -ERROR_LIMIT);
    error_free(TAKE_PTR(err));
    text_add(&many, "<nvidia_smi_log>");
    for (int i = 0; i < 300; i++)
        text_add(&many, "<gpu id=\"0:0:0.0\"/>");
    text_add(&many, "</nvidia_smi_log>");
    assert_int_equal(parse(arena, text_str(&many), &found, &err), -ERROR_LIMIT);
}

static void test_unusual_but_fine(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *found;
    assert_int_equal(parse(arena, "<nvidia_smi_log/>", &found, &err), 0);
    assert_int_equal(doc_count(doc_get(found, "gpus")), 0);
    assert_int_equal(
        parse(arena,
              "<nvidia_smi_log><gpu><fb_memory_usage><total>many MiB</total></fb_memory_usage><uuid>N/A</uuid>"
              "<pci><pci_device_id>zz</pci_device_id></pci></gpu></nvidia_smi_log>",
              &found, &err),
        0);
    assert_int_equal(doc_count(doc_item(doc_get(found, "gpus"), 0)), 0);
    assert_string_equal(gpu_pci_address(arena, "00000000:53:00.0"), "0000:53:00.0");
    assert_string_equal(gpu_pci_address(arena, "0008:01:00.0"), "0008:01:00.0");
    assert_string_equal(gpu_pci_address(arena, "nothing"), "nothing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_output),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_unusual_but_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
