// SPDX-License-Identifier: Apache-2.0
#pragma once

// The options by which recipe, query and explain say what a recipe is for and where the knowledge comes from. A
// command's options struct has a struct recipe_options as its first member, so that one list of rows serves all.

#include "cli/command.h"
#include "usecase/recipe.h"

struct recipe_options {
    const char *service, *accelerator, *intent, *os, *platform;
    int64_t nodes;
    const char *snapshot, *criteria, *data, *catalog;
    struct strvec mixins, profiles, tuning;
    bool strict;
};

void recipe_options_bind(const struct recipe_options *options, struct recipe_arguments *ret);

#define RECIPE_OPTION_ROWS                                                                                            \
    {.name = "service",                                                                                               \
     .type = OPTION_STRING,                                                                                           \
     .offset = offsetof(struct recipe_options, service),                                                              \
     .value_name = "NAME",                                                                                            \
     .help = "Kubernetes service: eks, gke, aks, oke, kind, generic (clusters of one's own) or any."},                \
        {.name = "accelerator",                                                                                       \
         .alias = "gpu",                                                                                              \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, accelerator),                                                      \
         .value_name = "NAME",                                                                                        \
         .help = "Accelerator, such as h100, gb200 or a100."},                                                        \
        {.name = "intent",                                                                                            \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, intent),                                                           \
         .value_name = "NAME",                                                                                        \
         .help = "What the cluster is for: training or inference."},                                                  \
        {.name = "os",                                                                                                \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, os),                                                               \
         .value_name = "NAME",                                                                                        \
         .help = "Operating system of the GPU nodes, such as ubuntu or cos."},                                        \
        {.name = "platform",                                                                                          \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, platform),                                                         \
         .value_name = "NAME",                                                                                        \
         .help = "Platform on top, such as kubeflow or dynamo."},                                                     \
        {.name = "nodes",                                                                                             \
         .type = OPTION_INT,                                                                                          \
         .offset = offsetof(struct recipe_options, nodes),                                                            \
         .value_name = "NUMBER",                                                                                      \
         .minimum = 0,                                                                                                \
         .maximum = INT64_MAX,                                                                                        \
         .default_text = "0",                                                                                         \
         .help = "Number of GPU nodes; 0 is any."},                                                                   \
        {.name = "snapshot",                                                                                          \
         .short_name = 's',                                                                                           \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, snapshot),                                                         \
         .value_name = "FILE",                                                                                        \
         .completes_files = true,                                                                                     \
         .help = "Take criteria from a snapshot, and leave out overlays whose constraints it does not satisfy."},     \
        {.name = "criteria",                                                                                          \
         .short_name = 'c',                                                                                           \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, criteria),                                                         \
         .value_name = "FILE",                                                                                        \
         .completes_files = true,                                                                                     \
         .help = "Take criteria from a document of kind RecipeCriteria. It overrides the snapshot; options override " \
                 "both."},                                                                                            \
        {.name = "mixin",                                                                                             \
         .type = OPTION_LIST,                                                                                         \
         .offset = offsetof(struct recipe_options, mixins),                                                           \
         .value_name = "NAME",                                                                                        \
         .splits_commas = true,                                                                                       \
         .suggestions = knowledge_mixin_names,                                                                        \
         .help = "Add a mixin: a component or a demand that is an option, such as a storage back end."},              \
        {.name = "profile",                                                                                           \
         .type = OPTION_LIST,                                                                                         \
         .offset = offsetof(struct recipe_options, profiles),                                                         \
         .value_name = "NAME=VALUE",                                                                                  \
         .suggestions = knowledge_profile_choices,                                                                    \
         .help = "Answer a question that the recipe leaves open, such as who installs the driver; explain shows "     \
                 "what there is to choose."},                                                                         \
        {.name = "data",                                                                                              \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, data),                                                             \
         .value_name = "DIR",                                                                                         \
         .completes_directories = true,                                                                               \
         .help = "Lay the registry, overlays and component files of a folder over the built-in ones."},               \
        {.name = "catalog",                                                                                           \
         .type = OPTION_STRING,                                                                                       \
         .offset = offsetof(struct recipe_options, catalog),                                                          \
         .value_name = "DIR",                                                                                         \
         .completes_directories = true,                                                                               \
         .help = "Use a folder, or a packed catalog, instead of the built-in registry, overlays and files."},         \
        {.name = "tuning",                                                                                            \
         .type = OPTION_LIST,                                                                                         \
         .offset = offsetof(struct recipe_options, tuning),                                                           \
         .value_name = "NAME=on|off",                                                                                 \
         .splits_commas = true,                                                                                       \
         .help = "Turn a setting or a profile of node tuning on or off; all=off leaves tuning out."},                 \
    {                                                                                                                 \
        .name = "strict", .type = OPTION_BOOL, .offset = offsetof(struct recipe_options, strict),                     \
        .help = "Fail when no overlay is made for all the criteria, instead of putting a recipe together by rule."    \
    }
