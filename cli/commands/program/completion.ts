// `tenfold completion`: the script that makes a shell complete tenfold's
// commands, options and names.
import { readFile } from 'node:fs/promises';
import { Argument, type Command } from '@commander-js/extra-typings';
import { templatePath } from '../../templates.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Examples:
  bash  $ echo 'source <(tenfold completion bash)' >> ~/.bashrc
  zsh   $ echo 'source <(tenfold completion zsh)' >> ~/.zshrc
  fish  $ tenfold completion fish > ~/.config/fish/completions/tenfold.fish`;

export function defineCompletion(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<SHELL>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', EXAMPLES)
    .action(async shell => {
      terminal.write(await readFile(templatePath(`completion/tenfold.${shell}`), 'utf8'));
    });
}
