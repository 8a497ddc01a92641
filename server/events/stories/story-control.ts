// The stories of events and of jobs, with who decided about them by the audit log of the platform.
import type { StoryControl } from '../../../admin/story-view.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { createAuditLog } from '../../admin/audit-log.ts';
import { createDeeds, type DeedSources } from './deeds.ts';
import type { JobStoryOptions } from './job-sources.ts';
import { createJobStories } from './job-stories.ts';
import { createStories } from './stories.ts';

export interface StoryControlOptions extends JobStoryOptions {
  readonly world: World;
  readonly log: EventLog;
  operationItems: DeedSources['operations'];
}

export function createStoryControl({ operationItems: operations, ...options }: StoryControlOptions): StoryControl {
  const { world, log } = options;
  const deeds = createDeeds({ world, audit: createAuditLog({ world, log, tell: () => {} }), operations });
  return { ...createStories({ ...options, deeds }), ...createJobStories({ ...options, deeds }) };
}
