// Whoever sends an event of a shared Topic again sees consumers of its own namespaces alone, and a
// number of the others.
import assert from 'node:assert/strict';
import { scopedEvents } from '../../../admin/access/scoped-events.ts';
import { sieveOf } from '../../../admin/access/sieve.ts';
import type { ResendPlan } from '../../../admin/commands/resend-view.ts';
import type { EventControl } from '../../../admin/event-view.ts';
import { noEvents } from '../../../admin/no-events.ts';

const of = (namespace: string) => ({ kind: 'Subscription', namespace, name: 'wall' }) as const;
const plan: ResendPlan = {
  eventId: 'new',
  repeats: { id: 'e', source: '/s' },
  type: 't',
  key: null,
  keyBefore: null,
  bytes: 0,
  edited: false,
  consumers: [of('green'), of('blue'), of('green')],
  notes: [],
};

describe('the plan to send an event of a shared Topic again', () => {
  const sent: string[] = [];
  const events: EventControl = {
    ...noEvents,
    resends: {
      plan: async () => plan,
      async send({ namespace }) {
        sent.push(namespace);
        return { eventId: 'new', partition: 0, offset: 1 };
      },
    },
  };
  const { resends } = scopedEvents(events, sieveOf({ has: namespace => namespace === 'green' }));
  const request = (namespace: string) => ({ namespace, topic: 'orders', place: '0-0' });

  it('has the consumers that its caller may view, and counts the others', async () => {
    const { consumers, hidden } = await resends.plan(request('green'));
    assert.deepEqual([consumers, hidden], [[of('green'), of('green')], 1]);
  });

  it('is refused in a namespace of others, as sending is', async () => {
    await assert.rejects(resends.plan(request('blue')), { code: 'forbidden' });
    await assert.rejects(resends.send(request('blue')), { code: 'forbidden' });
    const toOther = { ...request('green'), consumer: of('blue') };
    await assert.rejects(resends.plan(toOther), { code: 'forbidden' });
    await assert.rejects(resends.send(toOther), { code: 'forbidden' });
    await resends.send(request('green'));
    assert.deepEqual(sent, ['green']);
  });
});
