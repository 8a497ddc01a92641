// `tenfold types`: writes the types of an application's functions, topics, queues and views.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Writes tenfold-env.d.ts into DIR. With it the editor knows the names in context.invoke, publish, enqueue and query,
and what goes in and comes out. Let it be part of "include" in tsconfig.json.

Examples:
  $ tenfold types
  $ tenfold types my-shop --check     in CI: fails when the file is out of date`;

export function defineTypes(command: Command, terminal: Terminal): void {
  command
    .argument('[DIR]', 'application folder', '.')
    .option('--check', 'write nothing, fail when the file is out of date')
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      const { writeTypes } = await import('../../types/write-types.ts');
      await writeTypes(resolve(terminal.cwd, dir), options.check === true, terminal);
    });
}
