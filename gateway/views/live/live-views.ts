// All followers of Views in a process: their bounds, their counts, and one watcher for each View
// that is followed.
import { TenfoldError } from '../../../core/errors.ts';
import { shortened } from '../../../core/retry/backoff.ts';
import type { ViewDirectory } from '../../../core/views/view-directory.ts';
import type { ViewLayout } from '../../../core/views/view-layout.ts';
import type { ViewSignals } from '../../../core/views/view-signals.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { Call } from '../../exchange/target.ts';
import type { ViewStore } from '../view-store.ts';
import { Follower, type FollowerCounts } from './follower.ts';
import { MOST_BYTES } from './live-question.ts';
import type { FollowedQuestion } from './read-live.ts';
import { ViewWatcher } from './view-watcher.ts';

export interface LiveViewsOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'read'>;
  readonly store: ViewStore;
  readonly views: ViewDirectory;
  readonly signals: ViewSignals | undefined;
}

export interface FollowRequest {
  readonly call: Call;
  /** The View, as the generation that serves was defined, with the limits of now. */
  readonly resource: Resource<'View'>;
  readonly layout: ViewLayout;
  readonly question: FollowedQuestion;
  /** Whether the first answer must be read from now on. */
  readonly anew: boolean;
  /** `Last-Event-ID`. */
  readonly lastId: string | undefined;
}

export interface ViewFollowers extends Readonly<FollowerCounts> {
  readonly namespace: string;
  readonly name: string;
}

export interface LiveViews {
  /**
   * Resolves once the answer has begun; the follower goes on by itself then. False: the generation
   * serves no more.
   */
  follow(request: FollowRequest): Promise<boolean>;
  counts(): readonly ViewFollowers[];
  /** Ends the streams, so that followers connect to another process. */
  drain(): void;
  /** Reads nothing any more. */
  close(): void;
}

/** A follower shows its rights anew after at most so long. */
const RIGHTS_MS = 15 * 60_000;
/** A process that stops still takes followers who come back too soon, for so long. */
const LAST_MS = 1_000;
const LOOK_MS = 1_000;
const STOPS = 'The process stops. Connect again and go on.';

export function createLiveViews(options: LiveViewsOptions): LiveViews {
  return new FollowedViews(options);
}

class FollowedViews implements LiveViews {
  readonly #options: LiveViewsOptions;
  /** By group of the layout. */
  readonly #watchers = new Map<string, ViewWatcher>();
  readonly #followers = new Set<Follower>();
  readonly #counts = new Map<string, ViewFollowers & FollowerCounts>();
  #timer: Timer | undefined;
  #isDraining = false;

  constructor(options: LiveViewsOptions) {
    this.#options = options;
    options.signals?.listen(group => this.#watchers.get(group)?.wake());
  }

  async follow(request: FollowRequest): Promise<boolean> {
    const { world } = this.#options;
    const { call, resource, question, anew, lastId } = request;
    const { namespace, name } = resource.metadata;
    const counts = this.#countsOf(namespace, name);
    this.#assertRoom(request, counts);
    const of = await this.#watcherOf(request).ask(question, anew);
    if (of === undefined) return false;
    if (call.ended) return true;
    this.#assertRoom(request, counts);
    const now = world.monotonic();
    const until = now + (this.#isDraining ? LAST_MS : shortened(RIGHTS_MS, 1 / 3, world.random()));
    const left = (gone: Follower) => this.#followers.delete(gone);
    const follower = new Follower({ world, call, of, counts, lastId, until, left });
    this.#followers.add(follower);
    follower.start();
    this.#lookLater();
    return true;
  }

  counts(): readonly ViewFollowers[] {
    return [...this.#counts.values()];
  }

  drain(): void {
    this.#isDraining = true;
    for (const follower of [...this.#followers]) follower.end(STOPS);
  }

  close(): void {
    for (const watcher of [...this.#watchers.values()]) watcher.end(STOPS);
    this.#timer?.cancel();
  }

  #assertRoom({ resource, layout }: FollowRequest, counts: FollowerCounts): void {
    const { name } = resource.metadata;
    const { query } = resource.spec;
    const refused = (message: string) => {
      counts.refused++;
      const publicMessage = 'It has as many followers as it may have. Connect again later.';
      return new TenfoldError('overloaded', message, { retryAfterSeconds: 5, publicMessage });
    };
    if (query.maxFollowers === 0)
      throw new TenfoldError('not-acceptable', `View ${name} has no followers: "query.maxFollowers" is 0.`);
    if (counts.followers >= query.maxFollowers) {
      throw refused(
        `View ${name} has ${counts.followers} followers here, and "query.maxFollowers" allows no more. Connect again later.`,
      );
    }
    if ((this.#watchers.get(layout.group)?.bytes ?? 0) > MOST_BYTES)
      throw refused(`View ${name} has as many followed answers as it may keep. Follow fewer rows with "limit".`);
  }

  #watcherOf({ resource, layout }: FollowRequest): ViewWatcher {
    const { signals } = this.#options;
    const { group } = layout;
    const known = this.#watchers.get(group);
    if (known) return known;
    const watcher = new ViewWatcher({
      ...this.#options,
      resource,
      layout,
      keeps: forMs => signals?.keeps(group, forMs),
      ended: () => {
        if (this.#watchers.get(group) === watcher) this.#watchers.delete(group);
      },
    });
    this.#watchers.set(group, watcher);
    return watcher;
  }

  /** One timer for all followers. */
  #lookLater(): void {
    const { world } = this.#options;
    this.#timer ??= world.after(LOOK_MS, () => {
      this.#timer = undefined;
      const now = world.monotonic();
      for (const follower of [...this.#followers]) follower.look(now);
      if (this.#followers.size > 0) this.#lookLater();
    });
  }

  #countsOf(namespace: string, name: string): ViewFollowers & FollowerCounts {
    const key = `${namespace}/${name}`;
    const found = this.#counts.get(key);
    if (found) return found;
    const none = { namespace, name, followers: 0, events: 0, anew: 0, cut: 0, refused: 0, lost: 0 };
    this.#counts.set(key, none);
    return none;
  }
}
