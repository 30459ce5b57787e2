// SPDX-License-Identifier: Apache-2.0
#include "bundle/markdown.h"
#include "bundle/tuning.h"

static void add_verify(const struct tuning_verify *verify, struct text *out) {
    static const char *const words[] = {
        [TUNING_EXPECTS_VALUE] = "is", [TUNING_EXPECTS_PRESENT] = "is there", [TUNING_EXPECTS_ABSENT] = "is not there"};
    if (!verify->reading) {
        text_add(out, "no reading tells");
        return;
    }
    text_add(out, "`");
    markdown_add_cell(out, verify->reading);
    text_addf(out, "` %s", words[verify->expectation]);
    if (verify->value) {
        text_add(out, " `");
        markdown_add_cell(out, verify->value);
        text_add(out, "`");
    }
}

static void add_row(const struct tuning_setting *setting, struct text *out) {
    text_addf(out, "| %s | `", setting->name);
    markdown_add_cell(out, setting->key);
    text_add(out, "` | `");
    markdown_add_cell(out, *setting->value ? setting->value : "(no value)");
    text_addf(out, "` | %s | ", setting->needs_reboot ? "after a reboot" : "at once");
    markdown_add_cell(out, setting->why);
    text_add(out, " | ");
    markdown_add_cell(out, setting->tradeoff);
    text_add(out, " | ");
    add_verify(&setting->verify, out);
    text_add(out, " |\n");
}

static void add_mechanism(const struct tuning *tuning, const struct tuning_mechanism *mechanism, struct text *out) {
    text_addf(out, "## %s\n\nApply: %s\n\nRevert: %s\n\n", mechanism->title, mechanism->apply, mechanism->revert);
    text_add(out, "| setting | key | value | holds | why | trade-off | proof |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < tuning->count; i++)
        if (tuning->settings[i].is_enabled && str_eq(tuning->settings[i].mechanism, mechanism->name))
            add_row(&tuning->settings[i], out);
    text_add_char(out, '\n');
}

static void add_off(const struct tuning *tuning, struct text *out) {
    bool is_first = true;
    for (size_t i = 0; i < tuning->count; i++) {
        const struct tuning_setting *setting = &tuning->settings[i];
        if (setting->is_enabled)
            continue;
        if (is_first)
            text_add(out, "## Off\n\n`cnsctl recipe --tuning NAME=on` turns one on where something can apply it.\n\n"
                          "| setting | key | value | why it is off |\n|---|---|---|---|\n");
        is_first = false;
        text_addf(out, "| %s | `", setting->name);
        markdown_add_cell(out, setting->key);
        text_add(out, "` | `");
        markdown_add_cell(out, *setting->value ? setting->value : "(no value)");
        text_add(out, "` | ");
        markdown_add_cell(out, setting->reason);
        text_add(out, " |\n");
    }
}

void tuning_readme(const struct tuning *tuning, struct text *out) {
    text_add(out,
             "# Node tuning\n\n"
             "Settings of the operating system and the driver of GPU nodes, by the way in which each is applied. "
             "Afterwards\n`verify.sh` proves them on a node, and so does `cnsctl validate --phase deployment` from a "
             "snapshot of it.\n\n");
    for (size_t i = 0; i < tuning->mechanism_count; i++)
        if (tuning_uses(tuning, tuning->mechanisms[i].name))
            add_mechanism(tuning, &tuning->mechanisms[i], out);
    add_off(tuning, out);
}
