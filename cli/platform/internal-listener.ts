// The internal listener of a platform: where functions are called without the public gateway.
import { TenfoldError } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { createAdminClient } from './admin-client.ts';
import { findPlatform } from './find-platform.ts';
import { namespaceFor, type PlatformChoice } from './platform-options.ts';

export interface InternalListener {
  readonly url: string;
  readonly key: string;
}

/**
 * The variables are those that functions themselves are given. Without a namespace that of the
 * context is meant.
 */
export async function findInternalListener(
  choice: PlatformChoice,
  namespace: string | undefined,
  terminal: Terminal,
): Promise<InternalListener> {
  const url = terminal.env['TENFOLD_INTERNAL_URL'];
  const key = terminal.env['TENFOLD_INTERNAL_KEY'];
  const named = choice.dir !== undefined || choice.admin !== undefined;
  if (url !== undefined && key !== undefined && !named) return { url, key };
  const target = await findPlatform(choice, terminal);
  if (target.internal) {
    const meant = namespaceFor({ namespace }, target) ?? 'default';
    const known = target.internal.keys[meant];
    if (known !== undefined) return { url: target.internal.url, key: known };
    throw new TenfoldError('unknown-function', `Nothing runs in namespace "${meant}".`);
  }
  if (key === undefined)
    throw new CommandError('internal-key-missing', 'The key of the internal listener is not known.');
  return { url: url ?? (await createAdminClient(target).info()).addresses.internal, key };
}
