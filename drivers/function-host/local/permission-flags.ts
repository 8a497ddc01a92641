// Flags by which Node holds a function's process to what it may read, write and do.
import { join } from 'node:path';
import type { Ability } from '../function-host.ts';

export interface Reach {
  /**
   * Files, and folders with all that they hold; absolute. With a `*` at the
   * end: all paths that begin so.
   */
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly allow: readonly Ability[];
}

const FLAGS: Readonly<Record<Ability, string>> = {
  addons: '--allow-addons',
  childProcesses: '--allow-child-process',
  // Node's permissions do not hold its SQLite, which opens any file: it is left out
  // where it is not asked for.
  sqlite: '',
  wasi: '--allow-wasi',
  workers: '--allow-worker',
};

export function permissionFlags({ read, write, allow }: Reach): string[] {
  return [
    '--permission',
    ...(allow.includes('sqlite') ? [] : ['--no-experimental-sqlite']),
    ...allow.map(ability => FLAGS[ability]).filter(flag => flag !== ''),
    // Node warns of each at every start. The developer who declares them has read what they mean.
    ...(allow.length === 0 ? [] : ['--disable-warning=SecurityWarning']),
    ...read.flatMap(path => granted('--allow-fs-read', path)),
    ...write.flatMap(path => granted('--allow-fs-write', path)),
  ];
}

/** Both forms, as what is not there yet may become a folder. */
function granted(flag: string, path: string): string[] {
  if (path.endsWith('*') && path.indexOf('*') === path.length - 1) return [`${flag}=${path}`];
  // In a flag a star stands for anything: such a name would grant what begins as it does.
  if (path.includes('*')) return [];
  return [`${flag}=${path}`, `${flag}=${join(path, '*')}`];
}
