// SPDX-License-Identifier: Apache-2.0
#include "collect/collectors.h"

// Rows for what a cluster's API answers, so that a snapshot says that it holds no such readings, and why.

static int collect(struct collection *collection, struct error **err _unused_) {
    return collection_absent(collection, "collecting from a cluster is not part of this build yet");
}

static const char *const k8s_subtypes[] = {"server", "image", "policy", "node", NULL};
static const char *const topology_subtypes[] = {"summary", "taint", "label", NULL};

const struct collector collector_k8s = {
    .type = "K8s", .subtypes = k8s_subtypes, .budget_ms = 60000, .collect = collect};
const struct collector collector_node_topology = {
    .type = "NodeTopology", .subtypes = topology_subtypes, .budget_ms = 90000, .collect = collect};
