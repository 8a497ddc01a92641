// Errors that only a command line can have; their messages are printed as they are, followed by the
// hint for their code.
import type { ExitName } from './exit-codes.ts';

export type CommandCode =
  | 'usage'
  | 'no-folder'
  | 'no-platform'
  | 'platform-gone'
  | 'platform-unreachable'
  | 'internal-key-missing'
  | 'port-taken'
  | 'port-forbidden'
  | 'files-exist'
  | 'file-unreadable'
  | 'bad-certificate'
  | 'bad-config'
  | 'no-key-api'
  | 'no-consumer'
  | 'no-event'
  | 'no-operation'
  | 'operation-state'
  | 'consumer-exists'
  | 'out-of-date'
  | 'no-database'
  | 'database-unusable'
  | 'not-in-time'
  | 'no-bundler'
  | 'no-base-image'
  | 'no-cluster'
  | 'cluster-unreachable'
  | 'cluster-refused'
  | 'not-ready';

const exitOf: Readonly<Record<CommandCode, ExitName>> = {
  usage: 'usage',
  'no-folder': 'usage',
  'no-platform': 'notFound',
  'platform-gone': 'notFound',
  'platform-unreachable': 'notFound',
  'internal-key-missing': 'usage',
  'port-taken': 'unavailable',
  'port-forbidden': 'unavailable',
  'files-exist': 'invalid',
  'file-unreadable': 'notFound',
  'bad-certificate': 'invalid',
  'bad-config': 'usage',
  'no-key-api': 'notFound',
  'no-consumer': 'notFound',
  'no-event': 'notFound',
  'no-operation': 'notFound',
  'operation-state': 'refused',
  'consumer-exists': 'invalid',
  'out-of-date': 'invalid',
  'no-database': 'notFound',
  'database-unusable': 'unavailable',
  'not-in-time': 'failed',
  'no-bundler': 'unavailable',
  'no-base-image': 'notFound',
  'no-cluster': 'notFound',
  'cluster-unreachable': 'notFound',
  'cluster-refused': 'refused',
  'not-ready': 'failed',
};

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandCode;
  /** The command to type next, where the table of hints cannot know it. */
  readonly hint: string | undefined;

  constructor(code: CommandCode, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  get exit(): ExitName {
    return exitOf[this.code];
  }
}
