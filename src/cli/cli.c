// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/version.h"
#include "usecase/status.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

// A program started with a closed descriptor 0, 1 or 2 would get it for the first file that it opens, and then write
// its output or messages there. Opened for reading only, so that writing to a closed output stays an error.
static void open_closed_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", O_RDONLY);
}

static int show_help(const struct command *command, struct error **err) {
    _cleanup_text_ struct text text = {0};
    help_add(command, output_width(), terminal_has_color(STDOUT_FILENO), &text);
    return output_text(&text, err);
}

static int run(const struct command_line *line, struct error **err) {
    if (line->globals.help || (!line->command && !line->globals.version))
        return show_help(line->command, err);
    if (line->globals.version) {
        _cleanup_text_ struct text text = {0};
        version_add_line(&text);
        return output_text(&text, err);
    }
    return line->command->run(&line->invocation, err);
}

static int finish(int result, const struct error *err) {
    if (result >= 0)
        return result;
    // Nobody reads what we write any more: no message, and the status of a program that the signal had ended.
    if (err->code == ERROR_CANCELLED)
        return 128 + SIGPIPE;
    log_failure(err);
    return status_exit_code(err->code);
}

int cli_main(int argc, char **argv) {
    open_closed_descriptors();
    interrupts_install();
    _cleanup_command_line_ struct command_line line = {0};
    _cleanup_error_ struct error *err = NULL;
    int result = command_line_parse(commands, argc > 0 ? argc - 1 : 0, argv + 1, &line, &err);
    log_init("cnsctl", line.globals.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
             line.globals.log_json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
    if (result == 0)
        result = run(&line, &err);
    return finish(result, err);
}
