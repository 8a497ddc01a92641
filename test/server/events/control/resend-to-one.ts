// Sending an event again to one consumer of its Topic alone: the others leave it out, and so do
// their replays.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ResendPlan, ResentEvent } from '../../../../admin/commands/resend-view.ts';
import type { EventStory } from '../../../../admin/story-view.ts';
import type { TopicEventPage } from '../../../../admin/topic-view.ts';
import { eventually } from '../../../eventually.ts';

/** The headers of an event that is published. */
export const AT = { 'ce-specversion': '1.0', 'ce-id': '17', 'ce-source': '/shop', 'ce-type': 'OrderCreated' };
export const EVENTS = 'topics/default/orders/events';

interface Asking {
  ask<T>(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: T }>;
  publish(headers: Record<string, string>, data: unknown): Promise<void>;
}

const isOfTable = (data: unknown, table: string) =>
  typeof data === 'object' && data !== null && 'table' in data && data.table === table;

export function sendingToOne({ ask, publish }: Asking): void {
  for (const [kind, name] of [
    ['Subscription', 'copy'],
    ['View', 'cups'],
    ['Pipeline', 'busy'],
    ['Pipeline', 'plain'],
  ] as const)
    it(`goes to the ${kind} ${name} alone that is chosen, and the others leave it out`, async () => {
      const order = { consumer: { kind, name }, edit: { text: `{"table":"${name}","cups":5}` } };
      const { body: plan } = await ask<ResendPlan>(`${EVENTS}/0-0/resend/plan`, order);
      assert.deepEqual([plan.consumers, plan.others], [[{ kind, namespace: 'default', name }], 3]);
      const { body: sent } = await ask<ResentEvent>(`${EVENTS}/0-0/resend`, order);
      const told = async () => (await ask<EventStory>(`${EVENTS}/0-${sent.offset}/story`)).body;
      const only = `${kind}/default/${name}`;
      assert.equal((await told()).repeats?.only, only);
      // Behind it is an event for all: whoever has handled that one has come by this one.
      await publish({ ...AT, 'ce-id': `behind ${name}` }, { table: name, cups: 1 });
      const behind = async () => (await ask<EventStory>(`${EVENTS}/0-${sent.offset + 1}/story`)).body.consumers;
      const isDone = async () => (await behind()).every(({ fate }) => fate === 'done');
      await eventually(isDone, 'all consumers have come by');
      for (const { consumer, fate, note } of (await told()).consumers) {
        if (consumer.kind === kind && consumer.name === name) assert.notEqual(fate, 'filtered');
        else assert.deepEqual([fate, note], ['filtered', `It was sent again to ${only} alone.`]);
      }
      for (const [topic, maker] of [
        ['copies', 'copy'],
        ['plain', 'plain'],
      ]) {
        const { items } = (await ask<TopicEventPage>(`topics/default/${topic}/events`)).body;
        const made = items.filter(({ data }) => isOfTable(data, name));
        assert.equal(made.length, maker === name ? 2 : 1, topic);
        assert.ok(
          made.every(({ headers = {} }) => !('tenfold-for' in headers)),
          'what was made of it is for all',
        );
      }
      const asked = { query: [['key', name]] };
      const { body: row } = await ask<{ answer: { orders: number } }>('views/default/cups/query', asked);
      assert.equal(row.answer.orders, kind === 'View' ? 2 : 1);
    });

  it('goes to a replay of the Subscription that was chosen, and to no replay of another one', async () => {
    const copied = async (table: string, cups: number) => {
      const { items } = (await ask<TopicEventPage>('topics/default/copies/events')).body;
      return items.filter(({ data }) => isDeepStrictEqual(data, { table, cups })).length;
    };
    const path = 'consumers/Subscription/default/copy/replays';
    assert.equal((await ask(path, { from: 'earliest' })).status, 201);
    const names = ['copy', 'cups', 'busy', 'plain'];
    const isRepeated = async () => (await Promise.all(names.map(name => copied(name, 1)))).every(count => count === 2);
    await eventually(isRepeated, 'the events for all were copied again, which lie behind those for one');
    assert.deepEqual(await Promise.all(names.map(name => copied(name, 5))), [2, 0, 0, 0]);
  });

  it('says beforehand that the filter of the one that is chosen leaves it out', async () => {
    const order = { consumer: { kind: 'Subscription', name: 'copy' }, edit: { text: '{"table":"a","cups":9}' } };
    const { body: plan } = await ask<ResendPlan>(`${EVENTS}/0-0/resend/plan`, order);
    assert.match(plan.notes.join(), /filter leaves this event out/);
  });
}
