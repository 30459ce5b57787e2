// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one table from outcome to exit status (docs/exit-codes.md); HTTP and gRPC columns join it with the servers.

#include "base/error.h"

#define STATUS_OK 0
#define STATUS_CHECK_FAILED 8

int status_exit_code(enum error_code code);
