// Faults that are injected side by side leave each other what they need to end.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '../simulation/kernel/chance.ts';
import type { FaultKind } from './faults/fault.ts';
import { type Injected, type InjectOptions, injectFaults } from './inject.ts';

const OUTAGE_MS = 2_000;

describe('injected faults', () => {
  it('what waits for processes to be ready sees the end of outages that keep them from it', async () => {
    const away = new Set<string>();
    const outage = (name: string): FaultKind => ({
      name,
      draw: () => ({
        name,
        targets: [name],
        keepsFromReady: true,
        async inject() {
          away.add(name);
          await pause(OUTAGE_MS);
          away.delete(name);
        },
      }),
    });
    const replaced: FaultKind = {
      name: 'replaced',
      draw: () => ({
        name: 'replaced',
        targets: ['worker 1'],
        waitsForReady: true,
        async inject() {
          await pause(500);
          while (away.size > 0) await pause(20);
        },
      }),
    };
    const injected: Injected[] = [];
    const subject = { site: { workers: [], gateways: [] } } as unknown as InjectOptions;
    await injectFaults({
      ...subject,
      kinds: [replaced, outage('S3'), outage('Elasticsearch')],
      chance: new Chance(1),
      seconds: 10,
      calmAfterSeconds: 1,
      tell: () => {},
      injected,
    });
    const waited = injected.filter(({ kind }) => kind === 'replaced').map(({ at, until }) => until - at);
    assert.ok(waited.length > 1, 'it was injected again and again');
    const longest = Math.max(...waited);
    assert.ok(longest < 1 + OUTAGE_MS / 1000 + 2, `it waited for ${longest} s`);
    assert.ok(injected.length - waited.length > 4, 'outages went on');
  });
});
