// Reports of one consumer from several processes, put together.
import assert from 'node:assert/strict';
import { mergeReports, shareReports } from '../../../../server/events/reports/shared-reports.ts';
import type { PresenceStore } from '../../../../server/shared/presence.ts';
import { fakeConsumer, fakeFailure } from '../../../fakes/consumer-report.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const newestFailure = fakeFailure;

describe('reports of a consumer that several processes have', () => {
  it('are added up, and say what is worst', () => {
    const own = fakeConsumer('wall', { lag: 1, oldestAgeMs: 5, delivered: 2, deadLetters: 7 });
    const other = fakeConsumer('wall', {
      lag: 10,
      oldestAgeMs: 50,
      delivered: 20,
      state: 'stopped',
      lastError: 'full',
    });
    assert.partialDeepStrictEqual(mergeReports(own, [other, other]), {
      state: 'stopped',
      lastError: 'full',
      lag: 21,
      oldestAgeMs: 50,
      delivered: 42,
      inFlight: 3,
      // Of the log: the same for all.
      deadLetters: 7,
    });
  });

  it('have the newest failure of all', () => {
    const older = fakeConsumer('wall', { newestFailure });
    const newer = fakeConsumer('wall', { newestFailure: { ...newestFailure, at: '2026-11-29T10:00:01.000Z' } });
    const none = fakeConsumer('wall');
    for (const [own, ...others] of [[older, newer, none] as const, [none, older, newer] as const])
      assert.equal(mergeReports(own, others).newestFailure, newer.newestFailure);
    assert.equal(mergeReports(none, [none]).newestFailure, undefined);
  });

  it('say what holds up its calls where it holds up those of all that have a part of it', () => {
    const heldUp = { by: 'starting', message: 'It starts.' } as const;
    const held = fakeConsumer('wall', { heldUp });
    const idle = fakeConsumer('wall', { state: 'starting' });
    assert.deepEqual(mergeReports(idle, [held, held]).heldUp, heldUp);
    assert.equal(mergeReports(held, [fakeConsumer('wall')]).heldUp, undefined);
    assert.equal(mergeReports(idle, [idle]).heldUp, undefined);
  });

  it('know nothing of what nobody knows, and leave out who has no part of it', () => {
    const own = fakeConsumer('wall', { state: 'starting', lag: undefined, oldestAgeMs: undefined });
    assert.equal(mergeReports(own, []), own);
    assert.partialDeepStrictEqual(mergeReports(own, [{ ...own, state: 'running' }]), {
      state: 'running',
      lag: undefined,
      oldestAgeMs: undefined,
    });
    assert.equal(mergeReports(own, [{ ...own, lag: 4 }]).lag, 4);
  });
});

describe('what processes of two releases tell each other of a consumer whose target rests', () => {
  /** A store with the report of one other process. */
  function storeWith(report: object) {
    const told: string[] = [];
    const store = {
      async apply(_scope: string, writes: readonly { readonly value?: string }[]) {
        told.push(...writes.flatMap(({ value }) => value ?? []));
      },
      scan: async () => ({ rows: [{ key: 'other', value: Buffer.from(JSON.stringify([report])) }] }),
    } as unknown as PresenceStore;
    return { told, store };
  }
  const resting = fakeConsumer('wall', { state: 'resting' });

  it('is the word of the release before', async () => {
    const { told, store } = storeWith(resting);
    const own = () => ({
      consumers: [resting, fakeConsumer('menu')],
      stages: { views: [], pipelines: [], fanOuts: [], sources: [] },
    });
    const reports = shareReports({ world: createFakeWorld(), store, id: 'one', own, log() {} });
    reports.close();
    const states = JSON.parse(told[0] ?? '[]').map(({ state }: { state: string }) => state);
    assert.deepEqual(states, ['waiting', fakeConsumer('menu').state]);
  });

  it('leaves out what holds it up where only a later release knows that', async () => {
    const heldUp = { by: 'something new', message: 'It is new.' };
    for (const [told, by] of [
      [heldUp, undefined],
      [{ ...heldUp, by: 'pause' }, 'pause'],
    ] as const) {
      const { store } = storeWith({ ...resting, heldUp: told });
      const reports = shareReports({ world: createFakeWorld(), store, id: 'one', own: undefined, log() {} });
      assert.deepEqual(
        (await reports.others()).map(one => one.heldUp?.by),
        [by],
      );
      reports.close();
    }
  });

  for (const state of ['waiting', 'resting']) {
    it(`is understood as "${state}", too`, async () => {
      const { store } = storeWith({ ...resting, state });
      const reports = shareReports({ world: createFakeWorld(), store, id: 'one', own: undefined, log() {} });
      assert.deepEqual(
        (await reports.others()).map(one => one.state),
        ['resting'],
      );
      reports.close();
    });
  }
});

describe('reports that the store does not take', () => {
  it('lead to one line when that begins, and to one when it ends, also where it takes some of them', async () => {
    const world = createFakeWorld();
    const lines: string[] = [];
    let refused: string | undefined;
    const store = {
      async apply(_scope: string, writes: readonly { readonly table: string }[]) {
        assert.ok(!writes.some(({ table }) => table === refused), 'full');
      },
      scan: async () => ({ rows: [] }),
    } as unknown as PresenceStore;
    // More than one write takes.
    const consumers = Array.from({ length: 2000 }, (_, at) => fakeConsumer(`wall-${at}`));
    const own = () => ({ consumers, stages: { views: [], pipelines: [], fanOuts: [], sources: [] } });
    const log = (level: string, message: string, fields: object) =>
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const reports = shareReports({ world, store, id: 'one', own, log });
    await world.pass(5000);
    assert.deepEqual(lines, []);
    refused = 'stages';
    await world.pass(10_000);
    assert.match(lines.join(), /^warn other processes do not learn .* every two seconds \{"reason":"full"\}$/);
    refused = undefined;
    await world.pass(10_000);
    assert.match(lines.slice(1).join(), /^info other processes learn again .* \{\}$/);
    reports.close();
  });
});
