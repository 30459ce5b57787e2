// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/output.h"

extern const struct command command_completion;

static int run(const struct invocation *invocation, struct error **err) {
    const char *name = invocation->arguments.items[0];
    const struct shell *shell = shells;
    while (!str_eq(shell->name, name))
        shell++; // the parser has checked the name against argument_choices
    _cleanup_text_ struct text text = {0};
    shell->add_script(&text);
    return output_text(&text, err);
}

static const char *const shell_names[] = {"bash", "zsh", "fish", NULL};
static const struct example examples[] = {
    {"source <(cnsctl completion bash)", "in this shell"},
    {"cnsctl completion bash > ~/.local/share/bash-completion/completions/cnsctl", "in every shell, bash"},
    {"cnsctl completion zsh > ~/.zfunc/_cnsctl", "zsh, with ~/.zfunc in fpath"},
    {"cnsctl completion fish > ~/.config/fish/completions/cnsctl.fish", "fish"},
    {0}};

const struct command command_completion = {
    .name = "completion",
    .summary = "Write a completion script for a shell.",
    .description = "Writes a script that makes the shell complete commands, options and their values. 'make install' "
                   "installs the scripts of all shells.",
    .arguments = "bash|zsh|fish",
    .minimum_arguments = 1,
    .maximum_arguments = 1,
    .argument_choices = shell_names,
    .examples = examples,
    .run = run,
};
