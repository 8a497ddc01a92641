// Reads for a story no longer than its caller waits. A story holds the turn of all others, and a
// log or a store that is away answers late.
import { unlessAborted } from '../../../core/unless-aborted.ts';
import type { JobStoryOptions } from './job-sources.ts';
import type { TellOptions } from './tell-of.ts';
import type { StoryDeps } from './told.ts';

type Sources = StoryDeps & Pick<TellOptions, 'reports'>;

/** The same sources. Each of their reads rejects with the reason of `signal` once that aborts. */
export function whileAsked({ log, store, letters, reports }: Sources, signal: AbortSignal): Sources {
  const ask = asking(signal);
  const lettersOf = (of: Pick<StoryDeps['letters'], 'deadLetter' | 'decision'>) => ({
    deadLetter: ask((...about: Parameters<typeof of.deadLetter>) => of.deadLetter(...about)),
    decision: ask((...about: Parameters<typeof of.decision>) => of.decision(...about)),
  });
  return {
    log: {
      bounds: ask(topic => log.bounds(topic)),
      offsetAt: ask((topic, partition, timeMs) => log.offsetAt(topic, partition, timeMs)),
      positions: ask((group, topic) => log.positions(group, topic)),
      read: ask((topic, partition, from, limits) => log.read(topic, partition, from, limits)),
    },
    store: {
      position: ask((scope, consumer, partition) => store.position(scope, consumer, partition)),
      row: ask((scope, table, key) => store.row(scope, table, key)),
      scan: ask((scope, table, scan) => store.scan(scope, table, scan)),
    },
    letters: { ...lettersOf(letters), ofGroup: owner => lettersOf(letters.ofGroup(owner)) },
    ...(reports && { reports: ask(reports) }),
  };
}

/** As `whileAsked`, with what the stories of jobs read beside that. */
export function jobsWhileAsked(options: JobStoryOptions, signal: AbortSignal): JobStoryOptions {
  const ask = asking(signal);
  const reads = whileAsked(options, signal);
  const { queues, fanOuts } = options.jobs;
  return {
    ...options,
    ...reads,
    store: { ...reads.store, get: ask((scope, key) => options.store.get(scope, key)) },
    jobs: {
      plans: () => options.jobs.plans(),
      queues: { find: ask((queue, id) => queues.find(queue, id, signal)) },
      fanOuts: {
        read: ask((namespace, name, id) => fanOuts.read(namespace, name, id)),
        failed: ask((namespace, name, id, query) => fanOuts.failed(namespace, name, id, query)),
      },
    },
  };
}

function asking(signal: AbortSignal) {
  return <A extends readonly unknown[], T>(read: (...of: A) => Promise<T>) =>
    (...of: A): Promise<T> =>
      signal.aborted ? Promise.reject(signal.reason) : unlessAborted(read(...of), signal);
}
