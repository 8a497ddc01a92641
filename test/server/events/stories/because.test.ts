// The one sentence that says why an event waits: behind which one, how that failed, and what its
// consumer does about it.
import assert from 'node:assert/strict';
import type { ConsumerReport } from '../../../../admin/event-view.ts';
import type { ConsumerStory } from '../../../../admin/story-view.ts';
import { eventBecause, parkedBecause, waitingBecause } from '../../../../server/events/stories/because.ts';
import type { ParkingLogEntry } from '../../../../worker/parking-log/fold-parking-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { fakeConsumer } from '../../../fakes/consumer-report.ts';
import { openStorySite } from './story-site.ts';

const mark = { offset: 0, claim: 0, seq: 1 };
const entryOf = (event: number, more: Partial<ParkingLogEntry> = {}): ParkingLogEntry => ({
  event,
  generation: 0,
  state: 'parked',
  attempts: 0,
  at: Date.UTC(2026, 0, 1),
  wait: 0,
  since: undefined,
  error: undefined,
  failed: undefined,
  death: undefined,
  deadLettered: false,
  record: { offset: event, timestamp: 0, key: 'k', value: Buffer.alloc(0), headers: {} },
  mark,
  ...more,
});
const storyOf = (more: Partial<ConsumerStory>): ConsumerStory => ({
  consumer: { kind: 'Subscription', namespace: 'default', name: 'wall' },
  fate: 'waiting',
  ...more,
});

describe('why an event waits', () => {
  const failed = { attempts: 3, error: { message: 'no price' } };
  const held = { state: 'held', death: { reason: 'exhausted', since: 0 } } as const;
  const T = '2026-01-01T00:00:00.000Z';
  const parked: readonly [string, ParkingLogEntry, ParkingLogEntry, string][] = [
    [
      'behind one that failed',
      entryOf(4),
      entryOf(3, failed),
      `It waits behind 0-3 of its key, which failed 3 times, last with "no price", and is tried again at ${T}.`,
    ],
    [
      'behind one that was not tried',
      entryOf(4),
      entryOf(3),
      `It waits behind 0-3 of its key, which is tried at ${T} at the earliest.`,
    ],
    [
      'behind one that is held',
      entryOf(4),
      entryOf(3, { ...failed, ...held }),
      'It waits behind 0-3 of its key, which was given up (exhausted, last with "no price"); the key waits until somebody redrives or skips that event.',
    ],
  ];
  for (const [name, entry, head, wanted] of parked) {
    it(`is said of an event ${name}`, () => assert.equal(parkedBecause(entry, head, 0), wanted));
  }

  it('is said of the event at the head, and of none that was given up', () => {
    const first = entryOf(3, { ...failed, attempts: 1 });
    assert.equal(parkedBecause(first, first, 0), `It failed 1 time, last with "no price", and is tried again at ${T}.`);
    const keeps = entryOf(3, held);
    assert.match(parkedBecause(keeps, keeps, 0) ?? '', /^It was given up \(exhausted\)/);
    const dead = entryOf(3, { state: 'dead' });
    assert.equal(parkedBecause(dead, dead, 0), undefined);
  });

  const reports: readonly [string, Partial<ConsumerReport>, RegExp][] = [
    [
      'runs',
      { inFlight: 2 },
      /^It waits behind at most 3 events of its partition; 2 events of the consumer are under way\.$/,
    ],
    ['was paused', { state: 'paused', pausedByCommand: true }, /^The consumer was paused by a command\.$/],
    ['is paused', { state: 'paused', pausedByCommand: false }, /"paused: true"/],
    [
      'is full',
      { state: 'stopped', parkedEvents: 5, parkedKeys: 1 },
      /reads no further, as 5 events of 1 key are parked/,
    ],
    ['does not start', { state: 'starting', lastError: 'there is no topic' }, /does not start: there is no topic\.$/],
    ['has no worker', { state: 'starting' }, /^No process works on the partition/],
    ['leaves its target alone', { state: 'resting' }, /left alone for a moment\.$/],
    [
      'leaves it alone for a known reason',
      { state: 'resting', heldUp: { by: 'pause', message: 'It asked.' } },
      /^It asked\.$/,
    ],
    [
      'calls a Function that is being woken',
      { heldUp: { by: 'starting', message: 'It wakes.' }, inFlight: 1 },
      /^It wakes\. It waits behind at most 3 events of its partition; 1 event of the consumer is under way\.$/,
    ],
    [
      'has other targets than the one that is away',
      { heldUp: { by: 'unavailable', message: 'One is away.', isPartial: true }, inFlight: 1 },
      /^One is away\. It waits behind at most 3 events of its partition; 1 event of the consumer is under way\.$/,
    ],
    [
      'is paused, whatever its target does',
      { state: 'paused', heldUp: { by: 'pause', message: 'It asked.' } },
      /^The consumer is paused/,
    ],
  ];
  for (const [name, report, wanted] of reports) {
    it(`is said where the consumer ${name}`, () => {
      const whole = fakeConsumer('wall', { lastError: undefined, ...report });
      assert.match(waitingBecause(storyOf({ ahead: 3 }), whole) ?? '', wanted);
    });
  }

  it('says of an event that waits for another attempt only what holds that up', () => {
    const parked = storyOf({ fate: 'parked', because: 'It failed.' });
    const starting = fakeConsumer('wall', { heldUp: { by: 'starting', message: 'It wakes.' } });
    assert.equal(waitingBecause(parked, starting), 'It failed.');
    const down = fakeConsumer('wall', { heldUp: { by: 'unavailable', message: 'It is away.' } });
    assert.equal(waitingBecause(parked, down), 'It is away. It failed.');
  });

  it('names who paused the consumer, where that is known', () => {
    const report = fakeConsumer('wall', { state: 'paused', pausedByCommand: true });
    const deed = { action: 'pause', by: 'token ada', at: T } as const;
    const because = waitingBecause(storyOf({ ahead: 3 }), report, deed);
    assert.equal(because, `The consumer was paused by token ada at ${T}.`);
  });

  it('is said for the whole event by the consumer that takes longest', () => {
    const stories = [
      storyOf({ because: 'Soon.' }),
      storyOf({ fate: 'held', because: 'A person.' }),
      storyOf({ fate: 'done' }),
    ];
    assert.equal(eventBecause(stories), 'Subscription wall: A person.');
    assert.equal(eventBecause([storyOf({ fate: 'done' })]), undefined);
  });
});

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1, key: "\${event.data.table}" }
kind: Subscription; metadata: { name: wall }; spec: { topic: orders, from: earliest, to: { function: show }, retry: { attempts: 50, initial: 1h, max: 1h } }
kind: Function; metadata: { name: show }; spec: { url: "http://show.example" }
`;

overEachLog('why an event waits', log => {
  it('is that the one before it of its key failed, with cause and time', async () => {
    const play = () => ({ status: 500, body: { detail: 'the screen is dark' } });
    const site = await openStorySite({ app: APP, folder: tempFolder(), log, play });
    const stop = await site.start();
    try {
      const first = await site.publish('orders', { table: 't' }, { key: 't' });
      const second = await site.publish('orders', { table: 't' }, { key: 't' });
      const at = async (id: string) => (await site.at('Subscription/wall', 'orders', id))[0];
      await eventually(async () => (await at(second))?.fate === 'parked', 'both are parked');
      const next = (await at(first))?.nextAttemptAt;
      const { because } = await site.tell('orders', second);
      assert.match(
        because ?? '',
        new RegExp(
          `^Subscription wall: It waits behind ${first} of its key, which failed 1 time, last with ".+", and is tried again at ${next}\\.$`,
        ),
      );
    } finally {
      await stop();
      await site.close();
      removeTempFolders();
    }
  });
});
