// Tells the story of a job of a Queue or a FanOut, from its stored state, the log and stored
// positions.
import type { StoryControl } from '../../../admin/story-view.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import type { World } from '../../../core/world.ts';
import { createMasking } from '../masking/masking.ts';
import { tellFanOutJob } from './fan-out-story.ts';
import type { JobStoryOptions } from './job-sources.ts';
import { tellQueueJob } from './queue-job-story.ts';
import { jobsWhileAsked } from './while-asked.ts';

const WAITING = 16;
const WAIT_MS = 8_000;

export function createJobStories(options: JobStoryOptions & { readonly world: World }): Pick<StoryControl, 'tellJob'> {
  const { world, resources } = options;
  const masking = createMasking(resources);
  // One at a time: each may hold all that is parked in a partition.
  const turns = new FairPlaces({ world, places: 1, waiting: WAITING, waitMs: WAIT_MS, what: 'stories of jobs' });
  return {
    async tellJob(of, id, query, signal) {
      const end = await turns.take(of.namespace, 1, signal);
      const own = new AbortController();
      const asked = AbortSignal.any([signal, own.signal]);
      try {
        const tell = of.kind === 'Queue' ? tellQueueJob : tellFanOutJob;
        const { kind, namespace, name } = of;
        const resource =
          kind === 'Queue' ? resources().get(kind, namespace, name) : resources().get('FanOut', namespace, name);
        const mask = resource && masking.ofConsumer(resource);
        return await tell(of, id, { query, mask, signal: asked }, jobsWhileAsked(options, asked));
      } finally {
        // The turn is over: the others read no further after one part has failed.
        own.abort(new Error('The story has ended.'));
        end();
      }
    },
  };
}
