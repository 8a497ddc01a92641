// Begins to follow a View: waits for the events that the writer knows of, and hands the call over
// to the followers of the generation that serves.
import { TenfoldError } from '../../../core/errors.ts';
import type { ViewDirectory } from '../../../core/views/view-directory.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { Call } from '../../exchange/target.ts';
import { fieldOf } from '../../http/fields.ts';
import type { ViewPositions } from '../view-positions.ts';
import { readViewQuery } from '../view-query.ts';
import type { FollowRequest, LiveViews } from './live-views.ts';
import { assertFollowed } from './read-live.ts';

interface Following {
  readonly world: World;
  readonly live?: LiveViews | undefined;
  readonly views: ViewDirectory;
  readonly call: Call;
  readonly signal: AbortSignal;
  siteOf(signal: AbortSignal): Promise<FollowedSite>;
}

/** The generation that serves. */
interface FollowedSite extends Pick<FollowRequest, 'resource' | 'layout'> {
  readonly positions: ViewPositions;
  /** For a feed of followers. */
  readonly followedBy: object | undefined;
}

const AGAIN_MS = 50;

/** Resolves once the stream has begun. */
export async function followView(
  { world, live, views, call, signal, siteOf }: Following,
  asked: string,
): Promise<void> {
  if (live === undefined) throw new TenfoldError('unsupported', 'This process has no followers of Views.');
  const lastId = fieldOf(call.headers, 'last-event-id');
  while (!call.ended) {
    const { resource, layout, positions, followedBy } = await siteOf(signal);
    const { metadata } = resource;
    const { waitFor, ...query } = readViewQuery(resource, asked);
    const question = assertFollowed(query, followedBy !== undefined);
    try {
      if (waitFor.length > 0) await positions.reached(waitFor, signal);
      if (await live.follow({ call, resource, layout, question, anew: waitFor.length > 0, lastId })) return;
    } catch (error) {
      if (signal.aborted || views.isStill(metadata.namespace, metadata.name, layout.generation)) throw error;
    }
    await sleep(world, AGAIN_MS, signal);
  }
}
