// Looks at the story of one event or job, for a reader who follows it.
import { TenfoldError } from '../../core/errors.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import type { EventStory, JobStory, StoryControl, StoryJobName } from '../story-view.ts';
import type { Changed, ChangeSubject } from './change.ts';
import type { ChangeFilter } from './change-filter.ts';
import type { Look } from './live-state.ts';

export interface FollowedStory {
  readonly kind: 'Topic' | StoryJobName['kind'];
  readonly namespace: string;
  /** Of the Topic, the Queue or the FanOut. */
  readonly owner: string;
  /** `<partition>-<offset>` of an event, or the id of a job. */
  readonly id: string;
}

const HOW = 'Say "namespace", "name" as NAME/ID, such as orders/3-17, and "kind": Topic, Queue or FanOut.';

/** Undefined where the reader follows something else. Throws `bad-request`. */
export function readFollowed({ what, kind = 'Topic', namespace, name }: ChangeFilter): FollowedStory | undefined {
  if (!what.includes('story')) return undefined;
  if (what.length > 1) throw new TenfoldError('bad-request', `"what=story" stands alone. ${HOW}`);
  const [owner, id, ...rest] = name?.split('/') ?? [];
  if (!isOwner(kind) || namespace === undefined || !owner || !id || rest.length > 0) {
    throw new TenfoldError('bad-request', `"what=story" is the story of one event or job. ${HOW}`);
  }
  return { kind, namespace, owner, id };
}

function isOwner(kind: Kind): kind is FollowedStory['kind'] {
  return kind === 'Topic' || kind === 'Queue' || kind === 'FanOut';
}

/** Finds nothing where there is no such event or job any more. Rejects as `StoryControl` does. */
export async function lookAtStory(of: FollowedStory, stories: StoryControl, signal: AbortSignal): Promise<Look> {
  const found = await tell(of, stories, signal).catch(error => {
    if (error instanceof TenfoldError && (error.code === 'not-found' || error.code === 'gone')) return undefined;
    throw error;
  });
  return toLook(of, found);
}

/** The look that a reader begins with. Rejects with `not-found` and `gone`, too. */
export async function firstLookAtStory(of: FollowedStory, stories: StoryControl, signal: AbortSignal): Promise<Look> {
  return toLook(of, await tell(of, stories, signal));
}

function tell(
  { kind, namespace, owner: name, id }: FollowedStory,
  stories: StoryControl,
  signal: AbortSignal,
): Promise<EventStory | JobStory> {
  if (kind === 'Topic') return stories.tell(namespace, name, id, {}, signal);
  return stories.tellJob({ kind, namespace, name }, id, {}, signal);
}

function toLook({ kind, namespace, owner, id }: FollowedStory, value: EventStory | JobStory | undefined): Look {
  const unknown: ReadonlySet<ChangeSubject> = new Set();
  if (value === undefined) return { found: [], unknown };
  const told: Changed = { what: 'story', kind, namespace, name: `${owner}/${id}`, value };
  return { found: [{ what: 'story', kind, namespace, name: told.name, text: JSON.stringify(told) }], unknown };
}
