// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "bundle/bundle.h"
#include "bundle/deployer_helm.h"

const struct deployer deployers[] = {
    {"helm", "Helm and kubectl, driven by deploy.sh and undeploy.sh", deployer_helm_render},
    {"argocd", "Argo CD applications", NULL},
    {"argocd-helm", "one chart of Argo CD applications", NULL},
    {"flux", "Flux releases", NULL},
    {"helmfile", "a helmfile per wave", NULL},
    {0},
};

int deployer_find(const char *name, const struct deployer **ret, struct error **err) {
    const char *names[ARRAY_SIZE(deployers)];
    size_t count = 0;
    for (const struct deployer *deployer = deployers; deployer->name; deployer++) {
        names[count++] = deployer->name;
        if (!str_eq_ignore_case(deployer->name, name))
            continue;
        if (!deployer->render) {
            error_set(err, ERROR_UNAVAILABLE, "the deployer '%s' (%s) is planned, but this version does not have it",
                      deployer->name, deployer->summary);
            return error_hint(err, "use --deployer helm");
        }
        *ret = deployer;
        return 0;
    }
    error_set(err, ERROR_INVALID, "'%s' is no deployer", name);
    const char *nearest = suggest_nearest(name, names, count);
    return nearest ? error_hint(err, "did you mean '%s'?", nearest)
                   : error_hint(err, "there is: helm; planned are argocd, argocd-helm, flux, helmfile");
}
