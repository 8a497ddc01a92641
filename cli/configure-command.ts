// How a command line prints help and its errors: to a terminal, in its width and its colours.
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from './terminal.ts';

/** Answers with the same command. It throws where commander would end the process. */
export function configureCommand(command: Command, terminal: Terminal): Command {
  return command
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureHelp({ styleTitle: terminal.out.bold })
    .configureOutput({
      writeOut: text => void terminal.write(text),
      writeErr: text => terminal.say(text.trimEnd()),
      getOutHasColors: () => terminal.out.enabled,
      getErrHasColors: () => terminal.err.enabled,
      getOutHelpWidth: () => terminal.columns ?? 100,
      getErrHelpWidth: () => terminal.columns ?? 100,
      outputError: (text, write) => write(text.replace(/^error:/, terminal.err.red('error:'))),
    });
}
