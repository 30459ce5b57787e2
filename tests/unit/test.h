// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every unit test includes: cmocka needs these headers in this order.

#include "base/macro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
