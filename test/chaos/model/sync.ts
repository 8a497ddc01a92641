// Both sides of a Strangler have the same rows: each change of the new side reaches legacy, in
// order, and none returns to where it came from.
import type { Handler } from '../functions/work.ts';

export interface Sync {
  /** Writes to legacy what the new side has changed. */
  readonly toLegacy: Handler;
  /** By all changes in the topic, in order of their rows. */
  differences(changes: readonly SeenChange[]): string[];
}

export interface Change {
  readonly row: string;
  /** From 1 on, within the row. */
  readonly version: number;
}

export interface SeenChange extends Change {
  /** Legacy has it already. */
  readonly fromLegacy: boolean;
}

export function createSync(): Sync {
  const rows = new Map<string, number>();
  const written = new Set<string>();
  const early: string[] = [];
  const nameOf = ({ row, version }: Change) => `version ${version} of ${row}`;
  return {
    toLegacy(body) {
      const change: Change = JSON.parse(body);
      const { row, version } = change;
      // What comes again may be older than what legacy has; what is new may not leave any out.
      if (version > (rows.get(row) ?? 0) + 1)
        early.push(`${nameOf(change)} came when legacy had version ${rows.get(row) ?? 0}`);
      return {
        ms: 2,
        done() {
          written.add(nameOf(change));
          rows.set(row, Math.max(rows.get(row) ?? 0, version));
          return '';
        },
        failed() {},
      };
    },
    differences(changes) {
      const newest = new Map<string, number>();
      const wrong: string[] = [];
      for (const change of changes) {
        const { row, version, fromLegacy } = change;
        const name = nameOf(change);
        if (fromLegacy && written.has(name)) wrong.push(`${name} returned to legacy`);
        if (fromLegacy) continue;
        newest.set(row, Math.max(newest.get(row) ?? 0, version));
        if (!written.has(name)) wrong.push(`${name} has not reached legacy`);
      }
      for (const [row, version] of newest)
        if (rows.get(row) !== version) wrong.push(`${row} is at ${version}, and at ${rows.get(row)} in legacy`);
      return [...wrong, ...early];
    },
  };
}
