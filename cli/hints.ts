// The next command after an error, by its code. The error itself names the fault; this adds the
// next step.
import { type Code, TenfoldError } from '../core/errors.ts';
import { installCommand } from '../core/packages/optional-package.ts';
import { type CommandCode, CommandError } from './command-error.ts';

export const commandHints: Readonly<Partial<Record<CommandCode, string>>> = {
  'no-folder': 'name an existing folder, or create an application with "tenfold init DIR".',
  'no-platform': 'start one with "tenfold dev DIR", or name one with --dir DIR or --admin URL --token TOKEN.',
  'platform-gone': 'start it again with "tenfold dev DIR".',
  'platform-unreachable': 'check the address, or start an application with "tenfold dev DIR".',
  'internal-key-missing': 'run the command inside the application folder, or set TENFOLD_INTERNAL_KEY.',
  'bad-certificate':
    'give both in PEM: the certificate first, then those between it and a root; and the key that belongs to it.',
  'bad-config':
    'see each setting and where it comes from with "tenfold config print", and all that there are in docs/reference/configuration.md.',
  'no-key-api': 'give an Api auth: { apiKey: { secret: NAME } }, and name it with --api when there are several.',
  'no-consumer': 'see who has a key with "tenfold keys list".',
  'no-event': 'see what is there with "tenfold topics peek"; retention may have deleted it.',
  'no-operation': 'see what there is, with the namespace of each, with "tenfold operations list".',
  'consumer-exists': 'add a second key with --rotate, or take the first one back with "tenfold keys revoke".',
  'out-of-date': 'run "tenfold types" and commit the file.',
  'database-unusable':
    'stop the platform that has it open, and see that its folder can be written. Its objects can be read while it runs: "tenfold doctor --online".',
  'no-bundler': `install it with "${installCommand('esbuild')}"; images of the platform come without it.`,
  'no-base-image':
    'name another one with --base IMAGE, or a tar that "make images" in a checkout of Tenfold wrote: --base dist/images/function.tar.',
  'no-cluster': 'name a kubeconfig with --kubeconfig FILE or KUBECONFIG, and see that kubectl works with it.',
  'cluster-unreachable': 'see that kubectl reaches it, or name another one with --kubeconfig FILE or --context NAME.',
  'not-ready': 'see why with "kubectl describe", or wait longer with --timeout.',
  'not-in-time': 'see how it is doing with "tenfold get", or wait longer with --timeout.',
};

export const errorHints: Readonly<Partial<Record<Code, string>>> = {
  unauthenticated: "pass the adminToken of the application folder's .tenfold/platform.json with --token.",
  'not-found': 'see what there is with "tenfold get".',
  'unknown-function': 'see the functions with "tenfold get functions".',
  'function-crashed': 'see why with "tenfold get function NAME" and in the output of "tenfold dev".',
  'data-corrupt': 'stop it, then see what is damaged with "tenfold doctor", and save the rest with --salvage.',
  'storage-unusable':
    'do what it says, or give this one a folder of its own with --data DIR; "tenfold doctor" looks at what is in the other.',
  'invalid-resource': 'see all that is wrong with "tenfold validate".',
  'invalid-query': 'see the tables and their columns with "tenfold sql".',
  internal: 'please report it with the lines above.',
};

export function hintFor(error: unknown): string | undefined {
  if (error instanceof CommandError) return error.hint ?? commandHints[error.code];
  return errorHints[error instanceof TenfoldError ? error.code : 'internal'];
}
