// SPDX-License-Identifier: Apache-2.0
// Kernel command lines, and the redaction that every part of them goes through: parsing never fails, names hold no
// white space outside quotes, and what default redaction leaves it leaves again.
#include "base/text.h"
#include "collect/cmdline.h"
#include "model/redact.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_redaction(struct arena *arena, const struct parameter *parameter) {
    static const char *const hosts[] = {"node7.example.com"};
    static const struct redact_policy policies[] = {
        {.mode = REDACT_OFF},
        {.mode = REDACT_DEFAULT},
        {.mode = REDACT_STRICT, .key = {7}, .host_names = hosts, .host_name_count = ARRAY_SIZE(hosts)},
    };
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        struct redaction value = redact_value(&policies[i], arena, parameter->name, parameter->value);
        assert(value.rule || strcmp(value.text, parameter->value) == 0);
        const char *words[] = {parameter->name, parameter->value};
        redact_words(&policies[i], arena, words, ARRAY_SIZE(words));
        assert(words[0] && words[1]);
        redact_text(&policies[i], arena, parameter->name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct cmdline cmdline = cmdline_parse(arena, (const char *)data, size);
    for (size_t i = 0; i < cmdline.count; i++) {
        const struct parameter *parameter = &cmdline.parameters[i];
        assert(parameter->name && parameter->value && !strchr(parameter->name, '='));
        assert(cmdline_get(&cmdline, parameter->name));
        check_redaction(arena, parameter);
    }
    return 0;
}
