// The folder of the back-ups that a schedule makes: their names, and which of them are kept.
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupManifest } from '../../drivers/sqlite/backup/backup-manifest.ts';
import { MANIFEST_FILE, syncPath } from '../../drivers/sqlite/backup/copier.ts';

const NAME = /^tenfold-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const UNFINISHED = '.unfinished';

export interface KeptBackup {
  readonly name: string;
  /** When it began, milliseconds since 1970. */
  readonly at: number;
}

/** The name of a back-up that begins at `at`, such as `tenfold-20261202T030000Z`. */
export function backupName(at: number): string {
  return `tenfold-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}`;
}

/**
 * The newest first. A back-up has its name only once it is whole. Those of a clock that was ahead
 * come last: nobody knows how old they are.
 */
export async function listBackups(folder: string, now: number): Promise<KeptBackup[]> {
  const names = await readdir(folder);
  const all = names.flatMap(name => {
    const at = timeOf(name);
    return at === undefined ? [] : [{ name, at }];
  });
  const rank = ({ at }: KeptBackup) => (at > now ? 1 : 0);
  return all.sort((one, other) => rank(one) - rank(other) || other.at - one.at);
}

/** Removes what a process left that ended while it made or removed a back-up. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith(UNFINISHED) && timeOf(name.slice(0, -UNFINISHED.length)) !== undefined)
      await rm(join(folder, name), { recursive: true, force: true });
}

/** Leaves the newest `keep`, and the newest that has no damage, however old it is. */
export async function removeOldest(folder: string, keep: number, now: number): Promise<void> {
  const all = await listBackups(folder, now);
  if (all.length <= keep) return;
  const sound = await newestSound(folder, all);
  for (const old of all.slice(keep)) {
    if (old === sound) continue;
    const path = join(folder, old.name);
    // Nothing that is half gone has the name of a back-up.
    await rename(path, path + UNFINISHED);
    syncPath(folder);
    await rm(path + UNFINISHED, { recursive: true, force: true });
  }
}

async function newestSound(folder: string, all: readonly KeptBackup[]): Promise<KeptBackup | undefined> {
  for (const each of all) if (await isSound(join(folder, each.name))) return each;
  return undefined;
}

function timeOf(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at;
}

async function isSound(path: string): Promise<boolean> {
  try {
    const text = await readFile(join(path, MANIFEST_FILE), 'utf8');
    const manifest: Pick<BackupManifest, 'problems'> = JSON.parse(text);
    return manifest.problems.length === 0;
  } catch {
    return false;
  }
}
