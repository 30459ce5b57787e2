// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/cmdline.h"
#include "collect/collectors.h"

#define CMDLINE_LIMIT ((size_t)1024 * 1024)

// Tells which file system this machine boots from: an identity, and never a setting.
static bool is_identity(const char *name) {
    return str_eq(name, "root");
}

static bool occurs_before(const struct cmdline *cmdline, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (str_eq(cmdline->parameters[i].name, cmdline->parameters[index].name))
            return true;
    return false;
}

// All values of names that occur more than once, in order: of "hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=2" the
// last ones alone would tell the wrong thing.
static void add_repeated(struct collection *collection, const struct cmdline *cmdline) {
    for (size_t i = 0; i < cmdline->count; i++) {
        const char *name = cmdline->parameters[i].name;
        if (is_identity(name) || occurs_before(cmdline, i))
            continue;
        struct strvec values = {0};
        const char *rule = NULL;
        for (size_t j = i; j < cmdline->count; j++) {
            if (!str_eq(cmdline->parameters[j].name, name))
                continue;
            struct redaction value =
                redact_value(collection->policy, collection->arena, name, cmdline->parameters[j].value);
            strvec_add(&values, value.text);
            rule = rule ? rule : value.rule;
        }
        if (values.count > 1) {
            struct readings readings = readings_of(collection, "grub-repeated");
            _cleanup_free_ char *joined = strvec_join(&values, " ");
            reading_words(&readings, name, joined, rule);
        }
        strvec_done(&values);
    }
}

static int collect(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = machine_read(collection->machine, "/proc/cmdline", CMDLINE_LIMIT, &content, err);
    if (r < 0)
        return r;
    struct cmdline cmdline = cmdline_parse(collection->arena, text_str(&content), content.length);
    struct readings readings = readings_of(collection, "grub");
    for (size_t i = 0; i < cmdline.count; i++) {
        const char *name = cmdline.parameters[i].name;
        if (*name && !is_identity(name))
            reading_string(&readings, text_as_utf8(collection->arena, name, strlen(name)), cmdline.parameters[i].value);
    }
    add_repeated(collection, &cmdline);
    return 0;
}

const struct collector collector_os_grub = {
    .type = "OS", .subtype = "grub", .needs = "/proc/cmdline", .budget_ms = 5000, .collect = collect};
