// `tenfold story` of a place such as `0-17`, as lists of dead letters name an event, without its
// topic.
import assert from 'node:assert/strict';
import type { DeadLetterDetail } from '../../../admin/commands/dead-letter-view.ts';
import type { ConsumerStory } from '../../../admin/story-view.ts';
import type { FindQuery, FoundEvent } from '../../../admin/topic-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { fakeTopicEvent } from './topic-fakes.ts';

const WALL = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const DONE: readonly ConsumerStory[] = [{ consumer: WALL, fate: 'done' }];
const DEAD: readonly ConsumerStory[] = [{ consumer: WALL, fate: 'dead', reason: 'refused', attempts: 1 }];
const JOB = '0-17-5f0c9b1d2a3e4f60';

const AT = { partition: 0, offset: 17, key: null, id: 'e7', traces: [] };
const owned = (kind: 'Topic' | 'Queue', name: string) => ({ kind, namespace: 'default', name });

describe('story of a place without its topic', () => {
  let admin: AdminRun;
  let stories: Readonly<Record<string, readonly ConsumerStory[]>>;
  let queues: readonly string[];
  /** What is found by an id, outside of Queues. */
  let byId: readonly FoundEvent[];

  before(async () => {
    const topic = { namespace: 'default', topic: 'default.t', there: true, partitions: 1, events: 40, appended: 40 };
    admin = await startAdminRun({
      topics: async () => Object.keys(stories).map(name => ({ ...topic, name })),
      consumers: async () => queues.map(name => fakeConsumer(name, { kind: 'Queue' })),
      deadLetter: async () => ({ eventId: 'e7' }) as DeadLetterDetail,
      finding: {
        async find({ queue, id }: FindQuery) {
          const job = { ...AT, owner: owned('Queue', queue ?? ''), job: JOB };
          const items = queue === undefined ? (id === '0-17' ? byId : []) : [job, { ...job, offset: 18 }];
          return { items, ended: 'end', looked: [], rest: 0, scanned: 1, unindexed: 0 };
        },
      },
      stories: {
        async tellJob(of, id) {
          const job = {
            id,
            namespace: of.namespace,
            queue: of.name,
            state: 'failed',
            attempts: 3,
            queuedAt: '',
          } as const;
          return { of, job, consumers: [], cameFrom: [], ledTo: [] };
        },
        async tell(_, name, id) {
          const consumers = stories[name];
          if (id !== '0-17' || !consumers) throw new TenfoldError('not-found', 'The topic has no event there.');
          return { event: fakeTopicEvent(17, { partition: 0 }), consumers, cameFrom: [], ledTo: [] };
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    stories = {};
    queues = [];
    byId = [];
  });
  const tell = (...words: string[]) => admin.run(['story', ...words]);

  it('tells of the event that a consumer has given up', async () => {
    stories = { menus: DONE, orders: DEAD };
    const { code, stdout } = await tell('0-17');
    assert.equal(code, 0);
    assert.match(stdout, /Topic +orders, at 0-17/);
    assert.equal(JSON.parse((await tell('0-17', '-o', 'json')).stdout).items.length, 1);
  });

  it('tells of a job that was given up', async () => {
    queues = ['import'];
    stories = { menus: DONE };
    assert.match((await tell('0-17')).stdout, new RegExp(`^${JOB}\nJob +of queue/import, failed\n`));
  });

  it('lists those that were given up, where there are several', async () => {
    stories = { menus: DEAD, orders: DEAD, teas: DONE };
    const { stdout, stderr } = await tell('0-17');
    const names = stdout.split('\n').map(line => line.split(/ +/)[0]);
    assert.deepEqual(names, ['WHERE', 'menus', 'orders', '']);
    assert.match(
      stderr,
      /These stand at 0-17\. Choose one, such as:\n {2}tenfold story 0-17 --topic menus -n default\n/,
    );
  });

  it('prefers an event with this id to one that nobody has given up', async () => {
    stories = { orders: DONE, teas: DONE };
    byId = [{ ...AT, owner: owned('Topic', 'teas') }];
    assert.match((await tell('0-17')).stdout, /Topic +teas, at 0-17/);
    byId = [];
    stories = { orders: DONE };
    assert.match((await tell('0-17')).stdout, /Topic +orders, at 0-17/);
  });

  it('says that there is none', async () => {
    stories = { orders: DONE };
    const { code, stderr } = await tell('0-18');
    assert.equal(code, 3);
    assert.match(stderr, /holds an event with the id or key "0-18"/);
  });
});
