// How a function's process is started: this very Node, and the runtime as source or
// bundled, whichever runs now.
import type { RuntimeCommand } from '../../drivers/function-host/local/process-launcher.ts';
import { entryFile, packageFile, startsFromSource } from '../package-file.ts';

/** The files of this package that a function's process reads. */
export function runtimeFiles(): string[] {
  const folders = startsFromSource ? ['runtime', 'sdk', 'core'] : ['dist/runtime', 'dist/sdk'];
  return [...folders, 'package.json'].map(packageFile);
}

export function runtimeCommand(): RuntimeCommand {
  return {
    program: process.execPath,
    args: [
      // node:sqlite and type stripping say on every start that they are young.
      '--disable-warning=ExperimentalWarning',
      ...(startsFromSource ? ['--conditions=tenfold-source'] : []),
      entryFile('runtime/main.ts', 'dist/runtime/main.js'),
    ],
  };
}
