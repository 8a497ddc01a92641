// How a function's process is started: this very Node, and the runtime as source or
// bundled, whichever runs now.
import type { RuntimeCommand } from '../../drivers/function-host/local/process-launcher.ts';
import { packageFile } from '../package-file.ts';

const fromSource = import.meta.filename.endsWith('.ts');

/** The files of this package that a function's process reads. */
export function runtimeFiles(): string[] {
  const folders = fromSource ? ['runtime', 'sdk', 'core'] : ['dist/runtime', 'dist/sdk'];
  return [...folders, 'package.json'].map(packageFile);
}

export function runtimeCommand(): RuntimeCommand {
  return {
    program: process.execPath,
    args: [
      // node:sqlite and type stripping say on every start that they are young.
      '--disable-warning=ExperimentalWarning',
      ...(fromSource ? ['--conditions=tenfold-source'] : []),
      packageFile(fromSource ? 'runtime/main.ts' : 'dist/runtime/main.js'),
    ],
  };
}
