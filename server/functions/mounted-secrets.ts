// Secrets in a cluster as the kubelet mounts them: a folder for each, in one for its namespace,
// and a file for each entry.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../core/world.ts';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';

/** The kubelet itself takes a minute; more frequent readers get the last content. */
const LOOK_EVERY_MS = 500;

interface Seen {
  readonly at: number;
  readonly stamp: string;
  readonly entries: Readonly<Record<string, string>> | undefined;
}

/** `FOLDER/<namespace>/<name>/<key>`. Entries that begin with a dot are the kubelet's own. */
export function createMountedSecrets(world: World, folder: string | undefined): SecretReader {
  const read = new Map<string, Seen>();
  return (namespace, name) => {
    if (folder === undefined) return undefined;
    const path = join(folder, namespace, name);
    const before = read.get(path);
    const now = world.monotonic();
    if (before && now - before.at < LOOK_EVERY_MS) return before.entries;
    const seen = look(path, before, now);
    read.set(path, seen);
    return seen.entries;
  };
}

function look(path: string, before: Seen | undefined, at: number): Seen {
  try {
    const names = readdirSync(path)
      .filter(name => !name.startsWith('.'))
      .sort();
    const stamp = names.map(name => stampOf(join(path, name))).join('\n');
    if (before?.stamp === stamp) return { ...before, at };
    return {
      at,
      stamp,
      entries: Object.fromEntries(names.map(name => [name, textOf(join(path, name))])),
    };
  } catch {
    return { at, stamp: '', entries: undefined };
  }
}

/** A line end after it does not count, as in all that is read of files. */
function textOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}

/**
 * The stamp of the target of a link: the kubelet changes all links of a Secret by changing one
 * folder.
 */
function stampOf(file: string): string {
  const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true });
  return `${file} ${dev} ${ino} ${size} ${mtimeNs}`;
}
