// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"
#include "bundle/bundle.h"

int tree_add_checksums(struct tree *tree, struct error **err) {
    _cleanup_text_ struct text out = {0};
    for (size_t i = 0; i < tree->count; i++) { // sorted by path already
        char hex[SHA256_HEX_SIZE];
        text_addf(&out, "%s  %s\n", sha256_hex(tree->files[i].bytes, tree->files[i].length, hex), tree->files[i].path);
    }
    return tree_add(tree, BUNDLE_CHECKSUMS, text_str(&out), out.length, false, err);
}
