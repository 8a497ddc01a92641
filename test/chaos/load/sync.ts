// The new side of a Strangler, which tells of each change of its rows; beside it what watches
// legacy tells of changes that legacy made itself.
import { internalHeaders } from '../checks/large.ts';
import { syncCheck } from '../checks/sync.ts';
import { createSync } from '../model/sync.ts';
import { eventHeaders } from './readings.ts';
import { type Clients, each, type Use } from './use.ts';

const ROWS = ['new-1', 'new-2', 'new-3'];
const CHANGE_EVERY_MS = 400;
const LEGACY_EVERY_MS = 1500;

export function syncUse(): Use {
  const sync = createSync();
  let told = 0;
  const change = (
    { sender, internal, site }: Clients,
    row: string,
    version: number,
    headers?: Readonly<Record<string, string>>,
  ) => {
    const all = { ...eventHeaders(`${row}-${version}`, 'Changed'), ...headers };
    told++;
    return headers === undefined
      ? sender.post('/changed', { row, version }, all)
      : internal.post('/topics/changed', { row, version }, { ...all, ...internalHeaders(site) });
  };
  return {
    handlers: { 'to-legacy': sync.toLegacy },
    clients: given => [
      ...ROWS.map(row => each(given, CHANGE_EVERY_MS, async number => void (await change(given, row, number)))),
      each(given, LEGACY_EVERY_MS, async number => {
        await change(given, 'legacy-1', number, { 'tenfold-origin': 'shop' });
      }),
    ],
    figures: () => `${told} changes of rows`,
    checks: subject => [syncCheck(subject, sync)],
  };
}
