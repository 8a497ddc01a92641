// Follows a job as a stream of events (Server-Sent Events, HTML §9.2): one for
// each state, until the last.
import type { Timer, World } from '../../core/world.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Call } from '../exchange/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { type Awaited, watchJob } from './wait-for-job.ts';

/** The known state of a job of any kind. */
export interface Streamed extends Awaited {
  readonly view: { readonly id: string; readonly state: string };
}

export interface StreamOptions<Found extends Streamed> {
  readonly world: World;
  readonly endpoints: Pick<EventEndpoints, 'signals'>;
  readonly reader: { find(id: string): Promise<Found | 'gone' | undefined> };
  readonly call: Call;
  readonly found: Found;
  /** Name of the job among the signals. */
  readonly signal: string;
  /** The document that an event carries. */
  documentOf(found: Found): object;
}

const LOOK_MS = 1_000;
/** A comment now and then keeps proxies from closing a stream on which nothing happens. */
const SIGN_OF_LIFE_MS = 15_000;

export async function streamJob<Found extends Streamed>(options: StreamOptions<Found>): Promise<void> {
  const { world, endpoints, reader, call, found, signal, documentOf } = options;
  const control: UpstreamControl = {
    rawHeaders: ['content-type', 'text/event-stream', 'cache-control', 'no-store', 'x-accel-buffering', 'no'],
    own: true,
    pause() {},
    resume() {},
    abort() {},
  };
  const send = (text: string) => {
    if (!call.ended) call.onResponseData(control, Buffer.from(text));
  };
  call.onRequestStart(control);
  if (call.ended) return;
  call.onResponseStart(control, 200);
  let timer: Timer | undefined;
  const live = () => {
    timer = world.after(SIGN_OF_LIFE_MS, () => {
      send(': still here\n\n');
      live();
    });
  };
  live();
  const changes = watchJob({ world, endpoints, call, name: signal });
  try {
    let last = '';
    for (let now: Found | 'gone' | undefined = found; !call.ended; ) {
      if (now === undefined || now === 'gone') break;
      const text = JSON.stringify(documentOf(now));
      if (text !== last) send(`event: ${now.view.state}\ndata: ${text}\n\n`);
      last = text;
      if (now.final) break;
      await changes.next(LOOK_MS);
      if (!call.ended) now = await reader.find(now.view.id);
    }
    if (!call.ended) call.onResponseEnd(control);
  } finally {
    timer?.cancel();
    changes.end();
  }
}
