// What was acknowledged has come to its end: events are delivered or dead,
// jobs and fan-outs have ended.
import type { ChaosEvent } from '../model/event.ts';
import type { EndOfFanOut } from '../model/fan-outs.ts';
import type { Found } from '../model/watch.ts';
import type { Check, CheckSubject } from './check.ts';
import { eventOf, type SeenRecord } from './records.ts';

const PAGE = 100;

interface Letter {
  readonly eventId: string;
  readonly attempts: number;
}

/** Of each partition, in the order of the log. */
async function appendedTo(records: CheckSubject['records'], topic: string): Promise<Found['partitions']> {
  const toAppended = (record: SeenRecord) => {
    const { id, data } = eventOf<ChaosEvent>(record);
    return { id, key: data.key, name: `${data.id} (${id})` };
  };
  return (await records.byPartition(topic)).map(each => each.map(toAppended));
}

export function endChecks({ site, model, records }: CheckSubject): Check[] {
  const deadOf = async (): Promise<Map<string, number>> => {
    const dead = new Map<string, number>();
    for (let after = ''; ; ) {
      const query = `kind=Subscription&namespace=${site.namespace}&name=bounded&limit=${PAGE}${after}`;
      const response = await site.admin(`/api/dead-letters?${query}`);
      if (!response.ok) throw new Error(`dead letters are answered ${response.status}: ${await response.text()}`);
      const { items, next } = (await response.json()) as { items: Letter[]; next?: string };
      for (const { eventId, attempts } of items) dead.set(eventId, attempts);
      if (next === undefined || next === null) return dead;
      after = `&after=${encodeURIComponent(next)}`;
    }
  };
  return [
    { name: 'all that was acknowledged is delivered', differences: async () => model.deliveries.open() },
    {
      name: 'events of a key are delivered in their order, at every attempt',
      differences: async () => model.deliveries.outOfOrder(await appendedTo(records, 'events')),
    },
    {
      name: 'dead letters are what was given up, and attempts are counted and in order',
      differences: async () =>
        model.attempts.differences({ partitions: await appendedTo(records, 'events'), dead: await deadOf() }),
    },
    {
      name: 'all jobs have ended',
      async differences() {
        // When all have ended, all once more: an end stays.
        const open = [...(model.jobs.open().length > 0 ? model.jobs.open() : model.jobs.all())];
        const look = async () => {
          for (let job = open.pop(); job !== undefined; job = open.pop()) {
            const response = await fetch(`${site.publicAddress()}${job.path}`);
            const { state, result } = (await response.json()) as { state?: string; result?: { body?: unknown } };
            model.jobs.seen(job.number, state ?? `${response.status}`, result?.body);
          }
        };
        await Promise.all(Array.from({ length: 8 }, look));
        return model.jobs.open().map(({ number, path, state }) => `job ${number} is ${state} at ${path}`);
      },
    },
    {
      name: 'all fan-outs have ended',
      async differences() {
        for (const record of await records.of('ended')) model.fanOuts.ended(eventOf<EndOfFanOut>(record));
        const shown = new Map<string, string>();
        for (const { id, path } of model.fanOuts.open()) {
          const response = await fetch(`${site.publicAddress()}${path}`);
          const answer = await response.text();
          const { state } = JSON.parse(answer) as { state?: string };
          model.fanOuts.seen(id, state ?? `${response.status}`);
          shown.set(id, answer);
        }
        return model.fanOuts.open().map(({ id, name }) => `${name} is shown as ${shown.get(id)}`);
      },
    },
  ];
}
