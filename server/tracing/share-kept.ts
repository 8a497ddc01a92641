// Tells the other processes which traces are kept, so that each exports the spans that it has of
// them: whole traces without a place that gathers them.
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import { gather } from '../shared/gather.ts';

const CHANNEL = 'traces kept';
/** Traces of one message. */
const MOST = 1000;
const TRACE = /^[0-9a-f]{32}$/;

export interface SharedKept {
  tell(trace: string): void;
  close(): void;
}

export function shareKept(world: World, hints: Hints, tracer: Pick<Tracer, 'keep'>): SharedKept {
  const traces = gather<string>(world, all => {
    for (let from = 0; from < all.length; from += MOST) hints.tell(CHANNEL, all.slice(from, from + MOST).join(' '));
  });
  const deaf = hints.listen(CHANNEL, message => {
    for (const trace of message.split(' ')) if (TRACE.test(trace)) tracer.keep(trace, 'asked');
  });
  return {
    tell: trace => traces.add(trace),
    close() {
      traces.close();
      deaf();
    },
  };
}
