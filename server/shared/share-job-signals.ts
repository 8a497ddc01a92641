// Signals of jobs that reach the other processes, too: the worker that ends a job wakes callers
// that wait at other replicas.
import { createJobSignals, type JobSignals } from '../../core/jobs/job-signals.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import { gather } from './gather.ts';
import { createInterest } from './interest.ts';

export interface SharedJobSignals extends JobSignals {
  close(): void;
}

const WANTED = 'jobs wanted';
const CHANGED = 'jobs changed';
const CANCELLED = 'jobs cancelled';

export function shareJobSignals(world: World, hints: Hints | undefined): SharedJobSignals {
  const own = createJobSignals();
  if (hints === undefined) return { ...own, close() {} };
  const interest = createInterest(world, hints, WANTED);
  const changes = gather<string>(world, names => hints.tell(CHANGED, names.join('\n')));
  const deaf = [
    hints.listen(CHANGED, names => {
      for (const name of names.split('\n')) own.changed.tell(name);
    }),
    hints.listen(CANCELLED, name => own.cancelled.tell(name)),
  ];
  return {
    changed: {
      tell(name) {
        own.changed.tell(name);
        if (interest.isWanted(placeOf(name))) changes.add(name);
      },
      listen(name, listener) {
        const release = interest.hold(placeOf(name));
        const end = own.changed.listen(name, listener);
        return () => {
          end();
          release();
        };
      },
    },
    cancelled: {
      tell(name) {
        own.cancelled.tell(name);
        hints.tell(CANCELLED, name);
      },
      listen: own.cancelled.listen,
    },
    close() {
      changes.close();
      interest.close();
      for (const end of deaf) end();
    },
  };
}

/** The queue, or the fan-out: all of a name but the job's id. */
function placeOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}
