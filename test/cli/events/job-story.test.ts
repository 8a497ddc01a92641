// `tenfold story` of jobs of Queues and FanOuts: what it asks for, and what it prints.
import assert from 'node:assert/strict';
import type { JobStory } from '../../../admin/story-view.ts';
import type { FoundPage } from '../../../admin/topic-view.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { CONTROL, fakeTopicEvent } from './topic-fakes.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const JOB = '0-17-5f0c9b1d2a3e4f60';
const AT = '2026-01-01T00:00:00.000Z';
const cause = { name: 'Error', message: 'no price\u001b[2J for boom', at: 'menu.ts:12:9' };
const WALL = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const placeOf = (kind: 'Topic' | 'Queue', name: string) => ({ kind, namespace: 'default', name });
const QUEUE_JOB: JobStory = {
  of: { kind: 'Queue', namespace: 'default', name: 'import' },
  job: {
    id: JOB,
    namespace: 'default',
    queue: 'import',
    state: 'failed',
    attempts: 3,
    queuedAt: AT,
    startedAt: '2026-01-01T00:00:10.000Z',
    finishedAt: '2026-01-01T00:00:11.500Z',
    error: 'no price',
    cause,
  },
  event: fakeTopicEvent(17, { id: 'e7\u009b2J' }),
  traces: [TRACE],
  acceptedBy: 'endpoint',
  owner: 'ada\u001b[2J',
  cancelAsked: true,
  cancelledBy: { action: 'cancel', by: 'ada\u001b[2J', at: AT, operation: 'o1' },
  result: { status: 200, contentType: 'text/plain\u001b[2J', bytes: 1 },
  keptUntil: '2026-01-02T00:00:11.500Z',
  consumers: [
    {
      consumer: { kind: 'Queue', namespace: 'default', name: 'import' },
      fate: 'dead',
      reason: 'exhausted',
      attempts: 3,
      error: 'no price',
    },
  ],
  callbacks: [
    {
      tells: 'failed',
      to: 'https://shop.example/hook\u001b[2J',
      owedAt: AT,
      fate: 'parked',
      attempts: 2,
      error: 'away',
    },
    { tells: 'expired', fate: 'done' },
  ],
  because: 'Queue import: It waits.',
  cameFrom: [{ how: 'to', by: WALL, of: placeOf('Topic', 'orders\u001b[2J'), id: '0-3' }],
  ledTo: [{ how: 'to', by: { ...WALL, kind: 'Queue', name: 'import' }, of: placeOf('Topic', 'done'), id: '0-1' }],
  unreadAfter: [{ of: placeOf('Topic', 'done'), partition: 1, at: AT }],
};
const FAN_OUT_JOB: JobStory = {
  of: { kind: 'FanOut', namespace: 'default', name: 'cups' },
  job: {
    id: JOB,
    namespace: 'default',
    fanOut: 'cups',
    state: 'working',
    items: { total: 10, succeeded: 7, failed: 1, open: 2, divided: false },
    redriven: 1,
    acceptedAt: AT,
    deadline: '2026-01-01T01:00:00.000Z',
  },
  acceptedBy: 'consumer',
  redrivenBy: { action: 'redrive', by: 'bob', at: AT },
  note: 'The story does not say who did it.',
  because: 'It waits for 2 items.',
  consumers: [],
  cameFrom: [],
  ledTo: [],
  items: {
    failed: [{ index: 3, reason: 'refused', attempts: 1, error: { message: 'no cup\u001b[2J' }, letter: '0-3' }],
    moreFailed: 4,
    parked: [{ index: 8, attempts: 2, nextAttemptAt: AT, error: 'hot' }],
    slowest: [
      { index: 5, took: { ms: 1250.5, startedAt: AT, attempt: 2, host: 'worker-0' } },
      { index: 0, took: { ms: 3, startedAt: AT, attempt: 1, together: 2, host: 'worker-1' } },
    ],
    timed: 7,
  },
};

describe('story of a job', () => {
  let admin: AdminRun;
  let story: JobStory = QUEUE_JOB;
  const asked: unknown[] = [];

  before(async () => {
    admin = await startAdminRun({
      finding: {
        async find({ job }): Promise<FoundPage> {
          asked.push(job);
          const owner = { ...story.of };
          const found = { owner, partition: 0, offset: 17, key: null, traces: [], job: JOB };
          return {
            items: [found],
            ended: 'end',
            looked: [{ owner, done: 1, total: 1 }],
            rest: 0,
            scanned: 1,
            unindexed: 0,
          };
        },
      },
      stories: {
        tell: async () => assert.fail('no event is to be told of'),
        async tellJob(of, id, query) {
          asked.push(`${of.kind} ${of.namespace}/${of.name} ${id}`, { ...query });
          return story;
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => void asked.splice(0));
  const run = (...words: string[]) => admin.run(['story', ...words]);
  const still = (text: string) => text.replace(/, [0-9dhms]+ ago/g, ', SOME ago');

  it('shows a job of a Queue with its attempts, its callbacks and its links', async () => {
    story = QUEUE_JOB;
    const { code, stdout, stderr } = await run(JOB, '--led-since', AT);
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('story/job.txt', still(stdout));
    assert.doesNotMatch(stdout, CONTROL);
    assert.deepEqual(asked, [JOB, `Queue default/import ${JOB}`, { ledSince: AT }]);
  });

  it('shows a job of a FanOut with the items that failed, those that wait and the slowest ones', async () => {
    story = FAN_OUT_JOB;
    const { stdout } = await run(JOB);
    assertGolden('story/fan-out-job.txt', still(stdout));
    assert.doesNotMatch(stdout, CONTROL);
    assert.deepEqual(asked, [JOB, `FanOut default/cups ${JOB}`, {}]);
    const { stdout: json } = await run(JOB, '-o', 'json');
    assert.deepEqual(JSON.parse(json), { items: [JSON.parse(JSON.stringify(FAN_OUT_JOB))] });
  });
});
