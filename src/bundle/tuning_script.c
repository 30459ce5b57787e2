// SPDX-License-Identifier: Apache-2.0
#include "bundle/shell.h"
#include "bundle/tuning.h"

extern const char tuning_common_sh[], tuning_apply_sh[], tuning_revert_sh[], tuning_verify_sh[];

static void end(const char *main_part, struct text *out) {
    shell_add_part(tuning_common_sh, out);
    text_add_char(out, '\n');
    shell_add_part(main_part, out);
}

static void add_systems(struct arena *arena, const struct tuning *tuning, struct text *out) {
    const char **names = arena_new_array(arena, const char *, doc_count(tuning->os_release) + 1);
    size_t count = 0;
    DOC_FOREACH_ITEM(item, tuning->os_release)
    names[count++] = doc_text(item);
    if (count)
        shell_add_call(out, "made_for", names, count);
}

void tuning_apply_script(struct arena *arena, const struct tuning *tuning, struct text *out) {
    shell_begin_script("Applies settings of the operating system to this node", out);
    text_add(out, "plan() {\n");
    add_systems(arena, tuning, out);
    struct tuning_list list = tuning_select(arena, tuning, TUNING_KIND_COUNT, "script", NULL);
    for (size_t i = 0; i < list.count; i++) {
        const struct tuning_setting *setting = list.items[i];
        const char *const words[] = {setting->name, tuning_kind_names[setting->kind], setting->key, setting->value};
        shell_add_call(out, "setting", words, ARRAY_SIZE(words));
    }
    struct boot_words words = tuning_boot_words(arena, tuning, "script", NULL);
    if (words.count)
        shell_add_call(out, "boot_parameters", words.items, words.count);
    text_add(out, "}\n\n");
    end(tuning_apply_sh, out);
}

void tuning_revert_script(struct text *out) {
    shell_begin_script("Puts back what apply.sh found on this node", out);
    end(tuning_revert_sh, out);
}

void tuning_verify_script(const struct tuning *tuning, struct text *out) {
    static const char *const expectations[] = {
        [TUNING_EXPECTS_VALUE] = "value", [TUNING_EXPECTS_PRESENT] = "present", [TUNING_EXPECTS_ABSENT] = "absent"};
    static const char *const absences[] = {[TUNING_ABSENT_UNKNOWN] = "unknown",
                                           [TUNING_ABSENT_FAILS] = "failed",
                                           [TUNING_ABSENT_NOT_APPLICABLE] = "notApplicable"};
    shell_begin_script("Reads settings of the operating system back on this node", out);
    text_add(out, "plan() {\n");
    for (size_t i = 0; i < tuning->count; i++) {
        const struct tuning_setting *setting = &tuning->settings[i];
        const struct tuning_verify *verify = &setting->verify;
        const char *const words[] = {setting->name,
                                     verify->reading,
                                     expectations[verify->expectation],
                                     verify->value,
                                     absences[verify->absence],
                                     verify->absent_why,
                                     verify->any_occurrence ? "any" : "last"};
        if (setting->is_enabled)
            shell_add_call(out, "check", words, ARRAY_SIZE(words));
    }
    text_add(out, "}\n\n");
    end(tuning_verify_sh, out);
}
