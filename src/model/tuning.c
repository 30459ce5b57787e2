// SPDX-License-Identifier: Apache-2.0
#include "model/tuning.h"
#include "base/suggest.h"
#include "base/text.h"

#include <ctype.h>

const char *const tuning_kind_names[TUNING_KIND_COUNT] = {
    [TUNING_KERNEL_PARAMETER] = "kernelParameter",
    [TUNING_SYSCTL] = "sysctl",
    [TUNING_MODULE_OPTION] = "moduleOption",
    [TUNING_MODULE_LOAD] = "moduleLoad",
    [TUNING_MODULE_BLACKLIST] = "moduleBlacklist",
    [TUNING_CPU_GOVERNOR] = "cpuGovernor",
    [TUNING_TUNED_PROFILE] = "tunedProfile",
    [TUNING_SERVICE_LIMIT] = "serviceLimit",
    [TUNING_SERVICE] = "service",
    [TUNING_KUBELET] = "kubelet",
    [TUNING_HUGEPAGES] = "hugepages",
};

bool tuning_kind_find(const char *name, enum tuning_kind *ret) {
    for (int i = 0; i < TUNING_KIND_COUNT; i++)
        if (str_eq(name, tuning_kind_names[i])) {
            *ret = (enum tuning_kind)i;
            return true;
        }
    return false;
}

// --- what may stand in a script ---

static bool consists_of(const char *text, const char *others) {
    for (const char *c = text; *c; c++)
        if (!(isascii((unsigned char)*c) && isalnum((unsigned char)*c)) && !strchr(others, *c))
            return false;
    return *text != '\0';
}

static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

// "<name><dot><name>".
static bool has_two_parts(const char *text) {
    const char *dot = strchr(text, '.');
    return dot && dot != text && dot[1];
}

// What each kind's key and value may be. Values may be several words where `words` is set.
static const struct {
    const char *key_characters, *value_characters;
    bool has_two_parts, may_be_empty, is_number;
    const char *const *values;
} shapes[TUNING_KIND_COUNT] = {
    [TUNING_KERNEL_PARAMETER] = {"._-=", "._-=,:;/@+ ", .may_be_empty = true},
    [TUNING_SYSCTL] = {"._-/", "._-,:/+ ", .has_two_parts = true},
    [TUNING_MODULE_OPTION] = {"._-", "._-=,:;/+", .has_two_parts = true},
    [TUNING_MODULE_LOAD] = {"_-", "", .values = (const char *const[]){"loaded", NULL}},
    [TUNING_MODULE_BLACKLIST] = {"_-", "", .values = (const char *const[]){"blocked", NULL}},
    [TUNING_CPU_GOVERNOR] = {"", "_"},
    [TUNING_TUNED_PROFILE] = {"", "_-."},
    [TUNING_SERVICE_LIMIT] = {"_-.@", ":", .has_two_parts = true},
    [TUNING_SERVICE] = {"_-.@", "", .values = (const char *const[]){"enabled", "disabled", NULL}},
    [TUNING_KUBELET] = {"", "_-."},
    [TUNING_HUGEPAGES] = {"", "", .is_number = true},
};

static bool value_fits(enum tuning_kind kind, const char *value) {
    if (shapes[kind].values) {
        for (const char *const *word = shapes[kind].values; *word; word++)
            if (str_eq(*word, value))
                return true;
        return false;
    }
    if (shapes[kind].is_number)
        return is_number(value);
    return (!*value && shapes[kind].may_be_empty) || consists_of(value, shapes[kind].value_characters);
}

static bool is_page_size(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits && digits < 8 &&
           (str_eq(text + digits, "K") || str_eq(text + digits, "M") || str_eq(text + digits, "G"));
}

// Nothing that could be an option of a command or lead out of a folder.
static bool key_fits(enum tuning_kind kind, const char *key) {
    if (kind == TUNING_HUGEPAGES)
        return is_page_size(key);
    return consists_of(key, shapes[kind].key_characters) && key[0] != '-' && key[0] != '/' && !strstr(key, "..") &&
           (!shapes[kind].has_two_parts || has_two_parts(key));
}

static int bad(const struct doc *doc, const char *member, const char *text, struct error **err) {
    const struct doc *at = doc_get(doc, member);
    return doc_error(err, ERROR_INVALID, at ? at->origin : doc->origin,
                     "setting '%s': %s '%s' is not one that a %s can have", doc_get_text(doc, "name", "(unnamed)"),
                     member, text, doc_get_text(doc, "kind", "setting"));
}

int tuning_check(const struct doc *doc, enum tuning_kind *ret, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "a tuning setting must be a map, not a %s",
                         doc_kind_name(doc->kind));
    const char *name = doc_get_text(doc, "name", ""), *kind = doc_get_text(doc, "kind", ""),
               *key = doc_get_text(doc, "key", ""), *value = doc_get_text(doc, "value", NULL);
    enum tuning_kind found;
    if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
        return doc_error(err, ERROR_INVALID, doc->origin,
                         "a tuning setting needs a name of lower-case letters, digits and dashes, found '%s'", name);
    if (!tuning_kind_find(kind, &found)) {
        doc_error(err, ERROR_INVALID, doc_get(doc, "kind") ? doc_get(doc, "kind")->origin : doc->origin,
                  "setting '%s': kind '%s' is unknown", name, kind);
        const char *near = suggest_nearest(kind, tuning_kind_names, TUNING_KIND_COUNT);
        return near ? error_hint(err, "did you mean '%s'?", near) : -ERROR_INVALID;
    }
    if (!key_fits(found, key))
        return bad(doc, "key", key, err);
    if (value && !value_fits(found, value))
        return bad(doc, "value", value, err);
    *ret = found;
    return 0;
}

// --- reading ---

static bool is_one_line(const char *text) {
    for (; text && *text; text++)
        if (iscntrl((unsigned char)*text))
            return false;
    return true;
}

int tuning_verify_from_doc(const struct doc *doc, struct tuning_verify *ret, struct error **err) {
    struct tuning_verify verify = {
        .reading = doc_get_text(doc, "reading", NULL),
        .value = doc_get_text(doc, "value", NULL),
        .absent_why = doc_get_text(doc, "absentWhy", NULL),
        .any_occurrence = doc_get_bool(doc, "anyOccurrence", false),
    };
    const char *expect = doc_get_text(doc, "expect", NULL), *absent = doc_get_text(doc, "absent", NULL);
    if (!doc) {
        *ret = verify;
        return 0;
    }
    if (!verify.reading || !is_one_line(verify.reading) || !is_one_line(verify.value) ||
        !is_one_line(verify.absent_why))
        return doc_error(err, ERROR_INVALID, doc->origin, "verify must name a reading, and its texts are single lines");
    if (expect && !str_eq(expect, "present") && !str_eq(expect, "absent"))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "expect")->origin, "expect is present or absent, not '%s'",
                         expect);
    if (!expect == !verify.value)
        return doc_error(err, ERROR_INVALID, doc->origin, "verify has either a value or expect");
    if (absent && !str_eq(absent, "failed") && !str_eq(absent, "notApplicable"))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "absent")->origin,
                         "absent is failed or notApplicable, not '%s'", absent);
    verify.expectation = !expect                     ? TUNING_EXPECTS_VALUE
                         : str_eq(expect, "present") ? TUNING_EXPECTS_PRESENT
                                                     : TUNING_EXPECTS_ABSENT;
    verify.absence = !absent                    ? TUNING_ABSENT_UNKNOWN
                     : str_eq(absent, "failed") ? TUNING_ABSENT_FAILS
                                                : TUNING_ABSENT_NOT_APPLICABLE;
    *ret = verify;
    return 0;
}

static int read_setting(const struct doc *doc, struct tuning_setting *ret, struct error **err) {
    enum tuning_kind kind;
    int r = tuning_check(doc, &kind, err);
    if (r < 0)
        return r;
    struct tuning_setting setting = {
        .name = doc_get_text(doc, "name", NULL),
        .key = doc_get_text(doc, "key", NULL),
        .value = doc_get_text(doc, "value", ""),
        .kind = kind,
        .is_enabled = doc_get_bool(doc, "enabled", false),
        .reason = doc_get_text(doc, "reason", NULL),
        .mechanism = doc_get_text(doc, "mechanism", NULL),
        .package = doc_get_text(doc, "package", NULL),
        .needs_reboot = doc_get_bool(doc, "reboot", false),
        .why = doc_get_text(doc, "why", NULL),
        .tradeoff = doc_get_text(doc, "tradeoff", NULL),
        .source = doc_get_text(doc, "source", NULL),
        .doc = doc,
    };
    if (setting.is_enabled && !setting.mechanism)
        return doc_error(err, ERROR_INVALID, doc->origin, "setting '%s' is enabled and has no mechanism", setting.name);
    r = tuning_verify_from_doc(doc_get(doc, "verify"), &setting.verify, err);
    if (r == 0)
        *ret = setting;
    return r;
}

static int read_settings(struct arena *arena, const struct doc *list, struct tuning *tuning, struct error **err) {
    tuning->settings = arena_new_array(arena, struct tuning_setting, doc_count(list));
    DOC_FOREACH_ITEM(item, list) {
        struct tuning_setting *setting = &tuning->settings[tuning->count];
        int r = read_setting(item, setting, err);
        if (r < 0)
            return r;
        for (size_t i = 0; i < tuning->count; i++)
            if (str_eq(tuning->settings[i].name, setting->name))
                return doc_error(err, ERROR_INVALID, item->origin, "setting '%s' stands here twice", setting->name);
        tuning->count++;
    }
    return 0;
}

static int check_systems(const struct doc *names, struct error **err) {
    DOC_FOREACH_ITEM(item, names)
    if (!doc_text(item) || !consists_of(doc_text(item), "._-"))
        return doc_error(err, ERROR_INVALID, item->origin,
                         "tuning.osRelease lists names of operating systems, such as ubuntu");
    return 0;
}

static void read_mechanisms(struct arena *arena, const struct doc *list, struct tuning *tuning) {
    tuning->mechanisms = arena_new_array(arena, struct tuning_mechanism, doc_count(list));
    DOC_FOREACH_ITEM(item, list)
    tuning->mechanisms[tuning->mechanism_count++] = (struct tuning_mechanism){
        .name = doc_get_text(item, "name", ""),
        .title = doc_get_text(item, "title", ""),
        .apply = doc_get_text(item, "apply", ""),
        .revert = doc_get_text(item, "revert", ""),
    };
}

int tuning_from_doc(struct arena *arena, const struct doc *recipe, struct tuning *ret, struct error **err) {
    const struct doc *section = doc_get(recipe, "tuning"), *settings = doc_get(section, "settings");
    struct tuning tuning = {
        .doc = section, .note = doc_get_text(section, "note", NULL), .os_release = doc_get(section, "osRelease")};
    if (section && !doc_is(section, DOC_MAP))
        return doc_error(err, ERROR_INVALID, section->origin, "tuning must be a map, not a %s",
                         doc_kind_name(section->kind));
    if (settings && !doc_is(settings, DOC_LIST))
        return doc_error(err, ERROR_INVALID, settings->origin, "tuning.settings must be a list, not a %s",
                         doc_kind_name(settings->kind));
    int r = check_systems(tuning.os_release, err);
    r = r < 0 ? r : read_settings(arena, settings, &tuning, err);
    if (r < 0)
        return r;
    read_mechanisms(arena, doc_get(section, "mechanisms"), &tuning);
    *ret = tuning;
    return 0;
}

bool tuning_uses(const struct tuning *tuning, const char *mechanism) {
    for (size_t i = 0; i < tuning->count; i++)
        if (tuning->settings[i].is_enabled && str_eq(tuning->settings[i].mechanism, mechanism))
            return true;
    return false;
}
