// `tenfold __complete -- WORDS`: called by the completion scripts; one candidate a line,
// then what the shell adds.
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from '../../terminal.ts';

export function defineComplete(command: Command, terminal: Terminal): void {
  command.argument('[WORDS...]', 'the words after tenfold').action(async words => {
    const [{ complete }, { completionNames }] = await Promise.all([
      import('../../completion/answer.ts'),
      import('../../completion/names.ts'),
    ]);
    const program = command.parent;
    if (!program) return;
    const { candidates, paths } = await complete(program, words, completionNames(terminal));
    for (const { value, description } of candidates) terminal.print(`${value}\t${description}`);
    terminal.print(`:${paths}`);
  });
}
