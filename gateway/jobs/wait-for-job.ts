// Waits for the end of a job: told at once within the process, looking again and again otherwise.
import { sleep, type World } from '../../core/world.ts';
import type { EventDoors } from '../accept/event-doors.ts';
import type { Call } from '../target/target.ts';
import type { FoundJob, JobReader } from './job-reader.ts';

export interface WaitOptions {
  readonly world: World;
  readonly doors: Pick<EventDoors, 'signals'>;
  readonly reader: JobReader;
  readonly call: Call;
  /** Of the job among signals. */
  readonly name: string;
  readonly id: string;
  readonly waitMs: number;
}

/** Time that is left for the answer itself. */
const SPARE_MS = 250;
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2_000;

/** As it stands when it is final, or when the time is up or the call has ended. */
export async function waitForJob(options: WaitOptions): Promise<FoundJob | 'gone' | undefined> {
  const { world, reader, call, id } = options;
  const until = world.monotonic() + Math.max(0, Math.min(options.waitMs, call.remainingMs - SPARE_MS));
  const changes = watchJob(options);
  try {
    let found = await reader.find(id);
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
      const left = until - world.monotonic();
      if (found === undefined || found === 'gone' || found.final || left <= 0 || call.ended) return found;
      await changes.next(Math.min(pause, left));
      found = await reader.find(id);
    }
  } finally {
    changes.end();
  }
}

export interface JobChanges {
  /** Resolves when the job may have changed, at the latest after `ms`, or when the call has ended. */
  next(ms: number): Promise<void>;
  end(): void;
}

export function watchJob({
  world,
  doors,
  call,
  name,
}: Pick<WaitOptions, 'world' | 'doors' | 'call' | 'name'>): JobChanges {
  let heard = false;
  let wake: (() => void) | undefined;
  const deaf = doors.signals.changed.listen(name, () => {
    heard = true;
    wake?.();
  });
  return {
    async next(ms) {
      if (!heard) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await sleep(world, ms, AbortSignal.any([woken.signal, call.signal])).catch(() => {});
        wake = undefined;
      }
      heard = false;
    },
    end: deaf,
  };
}
