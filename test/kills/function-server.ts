// The function: records what it gets, and checks order and attempts as each call begins.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ATTEMPTS, type Call, type StoredEvent } from './protocol.ts';

export interface FunctionServer {
  readonly url: string;
  /** What was wrong with what it got. */
  readonly wrong: readonly string[];
  /** Calls so far. */
  readonly calls: number;
  /** An event is durable. */
  stored(event: StoredEvent): void;
  /** The process that calls was killed: each of its events may cost one attempt more. */
  killed(): void;
  /** Events that were neither handled nor have had all their attempts. */
  open(): readonly string[];
  /** Whether it was handled. */
  isHandled(partition: number, offset: number): boolean;
  close(): void;
}

interface Known {
  readonly lane: string;
  readonly offset: number;
  handled: boolean;
  failed: number;
  /** Kills before its first attempt. */
  killsBefore: number | undefined;
}

/** `fails`: whether this attempt fails. */
export async function startFunctionServer(fails: (call: Call) => boolean): Promise<FunctionServer> {
  const known = new Map<string, Known>();
  const lanes = new Map<string, Known[]>();
  const wrong: string[] = [];
  let kills = 0;
  let calls = 0;
  const nameOf = (partition: number, offset: number) => `${partition}/${offset}`;
  const learn = (partition: number, offset: number, key: string): Known => {
    const found = known.get(nameOf(partition, offset));
    if (found) return found;
    const lane = `${partition}/${key}`;
    const event: Known = { lane, offset, handled: false, failed: 0, killsBefore: undefined };
    known.set(nameOf(partition, offset), event);
    const events = lanes.get(lane) ?? [];
    lanes.set(lane, events);
    events.push(event);
    events.sort((one, other) => one.offset - other.offset);
    return event;
  };
  const isClosed = (event: Known) => event.handled || event.failed >= ATTEMPTS;
  const begin = (call: Call): Known => {
    const event = learn(call.partition, call.offset, call.key);
    event.killsBefore ??= kills;
    const name = `${nameOf(call.partition, call.offset)} (${call.key})`;
    const open = lanes.get(event.lane)?.find(other => other.offset < event.offset && !isClosed(other));
    if (open) wrong.push(`${name} begins while ${open.offset} of its key is open`);
    if (call.attempt > ATTEMPTS) wrong.push(`${name} begins attempt ${call.attempt} of ${ATTEMPTS}`);
    return event;
  };
  const answer = async (body: string): Promise<number[]> => {
    const begun = (JSON.parse(body) as Call[]).map(call => ({ call, event: begin(call) }));
    calls += begun.length;
    await new Promise(resolve => setTimeout(resolve, 1 + (calls % 7)));
    return begun.map(({ call, event }) => {
      if (!fails(call)) {
        event.handled = true;
        return 200;
      }
      event.failed++;
      const most = ATTEMPTS + kills - (event.killsBefore ?? kills);
      if (event.failed > most) wrong.push(`${call.partition}/${call.offset} failed ${event.failed} times of ${most}`);
      return 503;
    });
  };
  const server = createServer((request, response) => {
    text(request)
      .then(answer)
      .then(
        statuses => response.end(JSON.stringify(statuses)),
        () => response.destroy(),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    wrong,
    get calls() {
      return calls;
    },
    stored: ({ partition, offset, key }) => void learn(partition, offset, key),
    killed: () => void kills++,
    open: () => [...known].filter(([, event]) => !isClosed(event)).map(([name]) => name),
    isHandled: (partition, offset) => known.get(nameOf(partition, offset))?.handled ?? false,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
