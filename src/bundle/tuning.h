// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a bundle has of node tuning: a folder tuning/ with scripts that apply, prove and revert settings on a node,
// files for providers that set nodes up themselves, and a README; and what manifests see of it as `.Tuning`.

#include "bundle/bundle.h"
#include "model/tuning.h"

// `.Tuning` of manifests; an empty map when the recipe has no settings. `packages`: for each package of a Skyhook
// object the files of its ConfigMap (grub.conf, sysctl.conf, service_<unit>.conf); `driver`: <module>.conf for the GPU
// operator.
const struct doc *tuning_scope(struct arena *arena, const struct tuning *tuning);
// Adds the folder; nothing when no setting is on.
int bundle_add_tuning(struct arena *arena, struct bundle *bundle, struct error **err) _must_use_;

// --- private to tuning*.c ---

struct tuning_list {
    const struct tuning_setting **items;
    size_t count;
};

// The enabled settings of a kind (TUNING_KIND_COUNT: any) by a mechanism (NULL: any) and a package (NULL: any).
struct tuning_list tuning_select(struct arena *arena, const struct tuning *tuning, enum tuning_kind kind,
                                 const char *mechanism, const char *package);
// Boot parameters of those settings in order: "iommu=pt", "hugepagesz=2M", "hugepages=8". A key with an equals sign is
// one of several options of its parameter, which are joined by commas: "pci=realloc=off,disable_acs_redir=pci:0:0".
struct boot_words {
    const char **items;
    size_t count;
};
struct boot_words tuning_boot_words(struct arena *arena, const struct tuning *tuning, const char *mechanism,
                                    const char *package);
// Each adds its text; *out stays empty when there is nothing to say.
void tuning_apply_script(struct arena *arena, const struct tuning *tuning, struct text *out);
void tuning_revert_script(struct text *out);
void tuning_verify_script(const struct tuning *tuning, struct text *out);
void tuning_gke_file(struct arena *arena, const struct tuning *tuning, struct text *out);
void tuning_bottlerocket_file(struct arena *arena, const struct tuning *tuning, struct text *out);
void tuning_talos_file(struct arena *arena, const struct tuning *tuning, struct text *out);
void tuning_kubelet_file(struct arena *arena, const struct tuning *tuning, struct text *out);
void tuning_readme(const struct tuning *tuning, struct text *out);
