// The stream of changes: the state of everything, or the story of one event or job, then what
// changes, for as long as its reader stays.
import { TenfoldError } from '../../core/errors.ts';
import { namespacesOf, type Scope } from '../access/scope.ts';
import { scopedView } from '../access/scoped-view.ts';
import { callerOf } from '../guards/require-caller.ts';
import { readKind } from '../kind-names.ts';
import { type ChangeFilter, readSubjects } from '../live/change-filter.ts';
import { ChangeStream, type ChangeStreamOptions } from '../live/change-stream.ts';
import type { Live } from '../live/live.ts';
import type { Look } from '../live/live-state.ts';
import { type FollowedStory, firstLookAtStory, lookAtStory, readFollowed } from '../live/story-look.ts';
import type { PlatformView } from '../platform-view.ts';
import { type AdminRoute, type Given, route } from '../routing/route.ts';

const FROM =
  '"from" must be latest, for what changes from now on. Leave it out for the whole state and then each change.';

export const changeRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/changes',
    does: 'Tells the state of everything as server-sent events, and then each change; `from=latest` tells changes alone, and `what=story` follows one event or job.',
    needs: 'view',
    where: 'query',
    query: ['what', 'kind', 'namespace', 'name', 'from'],
    events: true,
    async answer({ query, ...given }) {
      const { what, kind, namespace, name, from } = query;
      if (from !== undefined && from !== 'latest') throw new TenfoldError('bad-request', FROM);
      const filter: ChangeFilter = {
        what: readSubjects(what),
        kind: kind === undefined ? undefined : readKind(kind),
        namespace,
        name,
      };
      const story = readFollowed(filter);
      const { live, response } = given;
      if (response.req.method === 'HEAD') return void response.type('text/event-stream').end();
      const follower = new Follower(given);
      const isFromLatest = from === 'latest';
      if (story === undefined) follower.begin(live, filter, isFromLatest);
      else follower.begin(await follower.beside(story), filter, isFromLatest);
    },
  }),
];

/** Answers one caller, whose rights may change while the answer goes on. */
class Follower {
  readonly #given: Given;
  #scope: Scope;
  #stream: ChangeStream | undefined;

  constructor(given: Given) {
    this.#given = given;
    this.#scope = given.scope;
    given.onScope(now => {
      this.#scope = now;
      this.#stream?.rescope(now);
    });
  }

  begin(live: Live, filter: ChangeFilter, fromLatest: boolean): void {
    const { whole, response, signal } = this.#given;
    const options: ChangeStreamOptions = {
      live,
      response,
      caller: callerOf(response).name,
      filter,
      scope: this.#scope,
      namespaces: () => namespacesOf(whole),
      isLoaded: () => whole.catalog.current !== undefined,
      fromLatest,
      lastId: response.req.get('last-event-id'),
    };
    const stream = new ChangeStream(options);
    this.#stream = stream;
    signal.addEventListener('abort', () => {
      if (signal.reason instanceof TenfoldError) stream.end(signal.reason);
    });
  }

  /** Rejects where there is no such story. */
  async beside(story: FollowedStory): Promise<Live> {
    const { live, signal } = this.#given;
    const first = await firstLookAtStory(story, this.#view.events.stories, signal);
    signal.throwIfAborted();
    return live.beside(first, () => this.#lookAt(story));
  }

  /** Ends the stream where the story cannot be told. */
  async #lookAt(story: FollowedStory): Promise<Look> {
    const { signal } = this.#given;
    try {
      return await lookAtStory(story, this.#view.events.stories, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof TenfoldError)) throw error;
      if (error instanceof TenfoldError) this.#stream?.end(error);
      return { found: [], unknown: new Set(['story']) };
    }
  }

  get #view(): PlatformView {
    const { whole } = this.#given;
    return this.#scope.all ? whole : scopedView(whole, this.#scope);
  }
}
