// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

int cli_main(int argc _unused_, char **argv _unused_) {
    return 0;
}
