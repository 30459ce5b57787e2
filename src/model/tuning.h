// SPDX-License-Identifier: Apache-2.0
#pragma once

// The tuning section of a recipe: settings of the nodes' operating system and driver, each with how it reaches a node
// and how its effect is read back. Made by the recipe engine (recipe/tuning.h) from recipes/tuning/, read here for
// those who apply and those who prove it. Texts are borrowed from the document; optional ones are NULL.

#include "doc/doc.h"

enum tuning_kind {
    TUNING_KERNEL_PARAMETER, // key "iommu", value "pt"; several values of one parameter stand behind each other
    TUNING_SYSCTL,           // key "vm.swappiness"
    TUNING_MODULE_OPTION,    // key "nvidia.NVreg_X": module and parameter
    TUNING_MODULE_LOAD,      // key: the module
    TUNING_MODULE_BLACKLIST, // key: the module
    TUNING_CPU_GOVERNOR,     // value: the governor of all processors
    TUNING_TUNED_PROFILE,    // value: the profile
    TUNING_SERVICE_LIMIT,    // key "containerd.LimitSTACK": unit and setting
    TUNING_SERVICE,          // key: the unit; value "enabled" or "disabled"
    TUNING_KUBELET,          // key: a member of KubeletConfiguration
    TUNING_HUGEPAGES,        // key "2M" or "1G", value: how many
    TUNING_KIND_COUNT,
};

// "kernelParameter", "sysctl", ...
extern const char *const tuning_kind_names[TUNING_KIND_COUNT];
// False when the name is unknown.
bool tuning_kind_find(const char *name, enum tuning_kind *ret);

// What a key that is not among the readings says, when its subtype was collected.
enum tuning_absence { TUNING_ABSENT_UNKNOWN, TUNING_ABSENT_FAILS, TUNING_ABSENT_NOT_APPLICABLE };
// What is compared: the reading's value, or only whether there is one.
enum tuning_expectation { TUNING_EXPECTS_VALUE, TUNING_EXPECTS_PRESENT, TUNING_EXPECTS_ABSENT };

struct tuning_verify {
    const char *reading; // "OS.grub.iommu"; NULL: nothing tells whether the setting holds
    const char *value;   // a constraint's expression
    enum tuning_expectation expectation;
    enum tuning_absence absence;
    const char *absent_why;
    bool any_occurrence; // of a kernel parameter that occurs more than once, one value that holds is enough
};

struct tuning_setting {
    const char *name, *key, *value;
    enum tuning_kind kind;
    bool is_enabled;
    const char *reason;    // why it is not enabled
    const char *mechanism; // "script", "skyhook", ...; NULL when not enabled
    const char *package;   // what the mechanism brings it with, if that has a name
    bool needs_reboot;
    const char *why, *tradeoff, *source;
    struct tuning_verify verify;
    const struct doc *doc;
};

struct tuning_mechanism {
    const char *name, *title, *apply, *revert;
};

struct tuning {
    struct tuning_setting *settings;
    size_t count;
    struct tuning_mechanism *mechanisms; // those in use
    size_t mechanism_count;
    const char *note;             // why there are no settings
    const struct doc *os_release; // names of operating systems in /etc/os-release that the settings are for; NULL: any
    const struct doc *doc;        // the section; NULL: the recipe has none
};

// Reads the section of a RecipeResult document; a recipe without one has no settings. ERROR_INVALID with the place.
// What it accepts is safe to write into shell scripts and configuration files: no control characters, names of plain
// letters.
int tuning_from_doc(struct arena *arena, const struct doc *recipe, struct tuning *ret, struct error **err) _must_use_;
// Reads a `verify` map, as profiles and recipes have it; NULL gives a verification that reads nothing.
int tuning_verify_from_doc(const struct doc *doc, struct tuning_verify *ret, struct error **err) _must_use_;
// Checks kind, key and value of one setting.
int tuning_check(const struct doc *doc, enum tuning_kind *ret, struct error **err) _must_use_;
// Whether some enabled setting is brought by that mechanism.
bool tuning_uses(const struct tuning *tuning, const char *mechanism);
