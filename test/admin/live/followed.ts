// Reads a stream of changes in a test, and folds it into the state that it tells.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Changed } from '../../../admin/live/change.ts';
import { readServerEvents, type ServerEvent } from '../../../core/http/server-events.ts';
import { eventually } from '../../eventually.ts';
import { TOKEN } from '../running-admin.ts';

export interface Followed {
  readonly events: ServerEvent[];
  /** What the stream says that there is: JSON of values by names. */
  readonly state: Map<string, string>;
  readonly response: IncomingMessage;
  bytes: number;
  lastId: string;
  /** Signs of life since the newest event; they come every 15 seconds. */
  quietSigns: number;
  isOver: boolean;
  /** Takes no more from its connection until the promise resolves. */
  hold: Promise<void> | undefined;
  close(): void;
}

export interface Follow {
  readonly token?: string;
  readonly lastId?: string | undefined;
  /** The state at `lastId`. */
  readonly state?: ReadonlyMap<string, string>;
}

export function followChanges(
  url: string,
  { token = TOKEN, lastId, state = new Map() }: Follow = {},
): Promise<Followed> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
    const sent: ClientRequest = request(url, { headers, agent: false }, async response => {
      response.setEncoding('utf8');
      const followed: Followed = {
        ...{
          events: [],
          state: new Map(state),
          response,
          bytes: 0,
          lastId: lastId ?? '',
          isOver: false,
          quietSigns: 0,
          hold: undefined,
        },
        close: () => sent.destroy(),
      };
      resolve(followed);
      const counted = async function* () {
        for await (const chunk of response) {
          followed.bytes += chunk.length;
          yield chunk;
          await followed.hold;
        }
      };
      try {
        for await (const event of readServerEvents(counted())) take(followed, event);
      } catch {
        // It was cut off.
      }
      followed.isOver = true;
    });
    sent.on('error', reject);
    sent.end();
  });
}

function take(followed: Followed, event: ServerEvent): void {
  followed.lastId = event.id;
  followed.quietSigns = event.event === '' ? followed.quietSigns + 1 : 0;
  if (event.event !== '') followed.events.push(event);
  if (event.event === 'reset') followed.state.clear();
  if (event.event !== 'changed' && event.event !== 'gone') return;
  const one: Changed = JSON.parse(event.data);
  const key = `${one.what} ${one.kind} ${one.namespace ?? ''}/${one.name}`;
  if (event.event === 'gone') followed.state.delete(key);
  else followed.state.set(key, JSON.stringify(one.value));
}

export function synced(followed: Followed, times = 1): Promise<void> {
  const count = () => followed.events.filter(({ event }) => event === 'synced').length;
  return eventually(
    () => count() >= times,
    () => `synced ${times} times: ${followed.events.map(({ event }) => event).join(' ')}`,
  );
}
