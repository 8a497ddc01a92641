// `tenfold topics resend`: the plan that it says first, what it asks for, and what it refuses.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResendPlan } from '../../../admin/commands/resend-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { CONTROL, fakeTopicEvent, orders } from './topic-fakes.ts';

const ID = '0b1f0a52-7f3b-4a0e-9d7b-1c2d3e4f5a6b';
const plan: ResendPlan = {
  eventId: ID,
  repeats: { id: 'e17', source: '/shop' },
  type: 'OrderCreated',
  key: 'table-7',
  keyBefore: 'table-7',
  contentType: 'application/json',
  bytes: 12,
  edited: false,
  consumers: [{ kind: 'Subscription', namespace: 'default', name: 'wall' }],
  hidden: 2,
  notes: ['A note\u001b[2J.'],
};

describe('topics resend', () => {
  let admin: AdminRun;
  const asked: unknown[] = [];

  before(async () => {
    admin = await startAdminRun({
      topics: async () => [orders],
      stories: {
        ...noEvents.stories,
        tell: async (_namespace, _topic, id) => ({
          event: fakeTopicEvent(21),
          repeats: {
            eventId: 'e17',
            source: '/shop',
            ...(id === '3-21' && { at: { topic: 'orders', place: '3-17' } }),
          },
          consumers: [],
          cameFrom: [],
          ledTo: [],
        }),
      },
      resends: {
        async plan(request) {
          asked.push(['plan', request]);
          if (request.place === '0-9') throw new TenfoldError('not-found', 'The topic has no event 0-9.');
          return { ...plan, edited: request.edit !== undefined, ...(request.consumer && { others: 3 }) };
        },
        async send(request) {
          asked.push(['send', request]);
          return { eventId: request.eventId ?? '', partition: 3, offset: 21 };
        },
      },
    });
    writeFileSync(join(admin.folder, 'order.json'), '{"cups":3}');
  });
  after(() => admin.close());
  beforeEach(() => void asked.splice(0));
  const run = (...words: string[]) => admin.run(['topics', 'resend', ...words]);
  const which = { namespace: 'default', topic: 'orders', place: '3-17' };

  it('says what goes to whom, sends it under the id of the plan, and leads to its story', async () => {
    const { code, stdout, stderr } = await run('orders', '3-17');
    assert.equal(code, 0, stderr);
    assert.deepEqual(asked, [
      ['plan', which],
      ['send', { ...which, eventId: ID }],
    ]);
    assert.equal(stdout, `orders 3-21: sent again as ${ID}\n`);
    assert.match(
      stderr,
      /repeats e17, as it was\.\n.*key table-7.*\n1 consumer would get it: .*wall\. 2 consumers in namespaces/,
    );
    assert.match(stderr, /tenfold story 3-21 --topic orders -n default/);
    assert.doesNotMatch(stderr, CONTROL);
  });

  it('sends the data of a file, and nothing by --dry-run', async () => {
    const edit = { text: '{"cups":3}', contentType: 'application/json' };
    const words = ['orders', '3-17', '--edit', 'order.json', '--content-type', 'application/json'];
    const { stdout, stderr } = await run(...words, '--dry-run');
    assert.deepEqual([stdout, asked], ['Nothing was sent.\n', [['plan', { ...which, edit }]]]);
    assert.match(stderr, /with other data/);
    const { stdout: json } = await run(...words, '-o', 'json');
    assert.deepEqual(JSON.parse(json), { ...plan, edited: true, partition: 3, offset: 21 });
    assert.deepEqual(asked.at(-1), ['send', { ...which, edit, eventId: ID }]);
  });

  it('sends it to one consumer alone, and says how many others leave it out', async () => {
    const consumer = { kind: 'View', namespace: 'default', name: 'sold' };
    const { code, stderr } = await run('orders', '3-17', '--consumer', 'view/sold');
    assert.equal(code, 0, stderr);
    assert.deepEqual(asked, [
      ['plan', { ...which, consumer }],
      ['send', { ...which, eventId: ID, consumer }],
    ]);
    assert.match(stderr, /^1 consumer would get it: subscription\/wall alone; 3 others leave it out\./m);
  });

  for (const [place, words] of [
    ['3-21', 'e17, at orders 3-17'],
    ['3-22', 'e17, which is there no more'],
  ] as const)
    it(`is named by the story of the new event: ${words}`, async () => {
      const { stdout } = await admin.run(['story', place, '--topic', 'orders']);
      assert.match(stdout, new RegExp(`^Repeats +${words}$`, 'm'));
    });

  for (const [title, words, message] of [
    ['no event', ['resend', 'orders'], /not said which event/],
    [
      'a media type without data',
      ['resend', 'orders', '3-17', '--content-type', 'text/plain'],
      /for the data of --edit/,
    ],
    ['an event that is not there', ['resend', 'orders', '0-9'], /no event 0-9/],
    ['its options at another action', ['peek', 'orders', '--dry-run'], /are for resend/],
    ['a consumer at another action', ['peek', 'orders', '--consumer', 'wall'], /are for resend/],
    ['a place at another action', ['tail', 'orders', '3-17'], /are for resend/],
  ] as const)
    it(`refuses ${title}, and sends nothing`, async () => {
      const { code, stderr } = await admin.run(['topics', ...words]);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
      assert.ok(!asked.some(each => Array.isArray(each) && each[0] === 'send'));
    });
});
