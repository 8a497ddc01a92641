// Clients that go on whatever breaks: publishers that send the events of their key one after the
// other, and callers with jobs and with work to divide.
import { setTimeout as pause } from 'node:timers/promises';
import { idOf } from '../model/event.ts';
import type { Model } from '../model/model.ts';
import { createSender, type Sender } from './sender.ts';

export interface Load {
  readonly sender: Sender;
  /** Resolves when each has what it sent last acknowledged. */
  stop(): Promise<void>;
  /** Nobody waits for anything any more. */
  abandon(): void;
}

const KEYS = 8;
const EVENT_EVERY_MS = 80;
const JOB_EVERY_MS = 150;
const DIVIDED_EVERY_MS = 800;
const MOST_PARTS = 12;

export function startLoad(model: Model, publicAddress: () => string): Load {
  const abandoned = new AbortController();
  const sender = createSender(publicAddress, abandoned.signal);
  let stopping = false;
  const publish = async (key: string) => {
    for (let number = 1; !stopping; number++) {
      await sender.post('/events', { id: idOf(key, number), key, number });
      model.deliveries.acknowledged(key, number);
      await pause(EVENT_EVERY_MS);
    }
  };
  const order = async () => {
    for (let number = 1; !stopping; number++) {
      const { headers } = await sender.post('/jobs', { job: number }, { 'idempotency-key': `"job-${number}"` });
      model.jobs.accepted(number, headers.get('location') ?? '');
      await pause(JOB_EVERY_MS);
    }
  };
  const divide = async () => {
    for (let number = 1; !stopping; number++) {
      const name = `divided ${number}`;
      const count = number % (MOST_PARTS + 1);
      const parts = Array.from({ length: count }, (_, part) => ({ name, part }));
      const { headers, text } = await sender.post('/divided', { parts }, { 'idempotency-key': `"${name}"` });
      const path = headers.get('location') ?? '';
      model.fanOuts.accepted({ id: JSON.parse(text).id, name, parts: count, path });
      await pause(DIVIDED_EVERY_MS);
    }
  };
  const running = Promise.all([...Array.from({ length: KEYS }, (_, index) => publish(`k${index}`)), order(), divide()]);
  running.catch(() => {});
  return {
    sender,
    abandon: () => abandoned.abort(),
    async stop() {
      stopping = true;
      await running;
    },
  };
}
