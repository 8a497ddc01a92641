// Finds the Secret that holds the API keys of an application's Api, and reads and writes it.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { validateDirectory } from '../../resources/validate.ts';
import { createLocalSecrets, writeLocalSecret } from '../../server/functions/local-secrets.ts';
import { STATE_FOLDER } from '../../server/state-file.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

export interface KeyStore {
  /** e.g. `Api shop`, or several that share the Secret. */
  readonly owner: string;
  readonly secret: string;
  /** The header that carries a key. */
  readonly header: string;
  /** Hashes by consumer, as in the Secret. */
  read(): Readonly<Record<string, string>>;
  write(entries: Readonly<Record<string, string>>): void;
}

export interface KeyStoreChoice {
  readonly dir: string | undefined;
  readonly namespace: string | undefined;
  readonly api: string | undefined;
}

export async function findKeyStore(choice: KeyStoreChoice, terminal: Pick<Terminal, 'cwd'>): Promise<KeyStore> {
  const directory = choice.dir === undefined ? applicationAbove(terminal.cwd) : resolve(terminal.cwd, choice.dir);
  const { resources } = await validateDirectory(directory).catch((cause: unknown) => {
    throw new CommandError('no-folder', `There is no folder ${directory}.`, { cause });
  });
  const found = resources.ofKind('Api').flatMap(({ metadata: { namespace, name }, spec }) => {
    const apiKey = spec.auth?.apiKey;
    const wanted = (choice.api ?? name) === name && (choice.namespace ?? namespace) === namespace;
    return apiKey && wanted ? [{ namespace, name, ...apiKey }] : [];
  });
  const [first] = found;
  if (!first) {
    const which = choice.api === undefined ? 'No Api' : `No Api ${choice.api}`;
    throw new CommandError('no-key-api', `${which} in ${directory} takes API keys.`);
  }
  const { namespace, secret, header } = first;
  if (found.some(other => other.namespace !== namespace || other.secret !== secret)) {
    const names = found.map(({ name }) => name).join(', ');
    throw new CommandError('no-key-api', `Several Apis take API keys out of different Secrets: ${names}.`);
  }
  const read = createLocalSecrets(directory);
  return {
    owner: `Api ${found.map(({ name }) => name).join(' and ')}`,
    secret,
    header,
    read: () => read(namespace, secret) ?? {},
    write: entries => writeLocalSecret(directory, namespace, secret, entries),
  };
}

/** The nearest folder upwards that an application has run in, else this one. */
function applicationAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, STATE_FOLDER))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
