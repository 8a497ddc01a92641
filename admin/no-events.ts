// The event plane in the admin API while nothing runs that has one.
import { TenfoldError } from '../core/errors.ts';
import type { EventControl } from './event-view.ts';

export const noEvents: EventControl = {
  topics: async () => [],
  topicEvents: {
    list: nobody,
    // biome-ignore lint/correctness/useYield: it has nothing to give.
    async *follow() {
      await nobody();
    },
  },
  resends: { plan: nobody, send: nobody },
  stories: { tell: nobody, tellJob: nobody },
  finding: { find: nobody },
  consumers: async () => [],
  views: async () => [],
  rebuildView: nobody,
  pipelines: async () => [],
  openWindows: nobody,
  pause: nobody,
  resume: nobody,
  replay: nobody,
  endReplay: nobody,
  deadLetterOwners: async () => [],
  deadLetters: async () => ({ items: [] }),
  deadLetterGroups: nobody,
  deadLetter: nobody,
  command: nobody,
  jobs: async () => ({ items: [] }),
  job: nobody,
  cancelJob: nobody,
  fanOuts: {
    reports: async () => [],
    list: async () => ({ items: [] }),
    read: nobody,
    failed: nobody,
    items: nobody,
    cancel: nobody,
    redrive: nobody,
  },
  operations: {
    plan: nobody,
    start: nobody,
    pause: nobody,
    resume: nobody,
    stop: nobody,
    read: nobody,
    list: async () => ({ items: [] }),
    items: nobody,
  },
  schedules: {
    list: async () => ({ items: [] }),
    read: nobody,
    plan: nobody,
    pause: nobody,
    resume: nobody,
    run: nobody,
  },
  parked: { list: async () => ({ items: [] }), read: nobody, command: nobody },
};

async function nobody(): Promise<never> {
  throw new TenfoldError('not-found', 'Nothing of the event plane runs here.');
}
