// Where features of Stranglers stand other than their resources say, on a laptop: one JSON file in the platform's own folder.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { phases } from '../gateway/strangler/standing.ts';
import type { Switch, SwitchStore } from '../gateway/strangler/switches.ts';
import { STATE_FOLDER } from './state-file.ts';

const standing = z.object({ phase: z.enum(phases), percent: z.number().min(0).max(100) });

const file = z.record(
  z.string(),
  z.object({
    to: standing,
    declared: standing,
    by: z.enum(['command', 'promotion', 'back-out']),
    at: z.number(),
    reason: z.string(),
  }),
);

/** `DIR/.tenfold/strangler.json`. A file that cannot be read counts as empty: then the resources alone say where features stand. */
export function createLocalSwitches(directory: string): SwitchStore {
  const folder = join(directory, STATE_FOLDER);
  const path = join(folder, 'strangler.json');
  const switches = new Map<string, Switch>(Object.entries(readSwitches(path)));
  return {
    read: key => switches.get(key),
    write(key, value) {
      const next = new Map(switches);
      if (value) next.set(key, value);
      else if (!next.delete(key)) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Written beside and renamed, so that a crash leaves the old file or the new one.
      const temporary = `${path}.${process.pid}`;
      writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, path);
      if (value) switches.set(key, value);
      else switches.delete(key);
    },
  };
}

function readSwitches(path: string): Readonly<Record<string, Switch>> {
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}
