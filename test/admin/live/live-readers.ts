// Readers of the stream of changes of an admin port, for tests: each test has a port and readers of
// its own, which are closed after it.
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { eventually } from '../../eventually.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { TOKEN } from '../running-admin.ts';
import { type Follow, type Followed, followChanges, synced } from './followed.ts';
import { type LivePlatform, startLivePlatform } from './live-platform.ts';

export const LOOK_MS = 500;

export interface LiveReaders {
  readonly platform: LivePlatform;
  follow(query?: string, how?: Follow): Promise<Followed>;
  /** Resolves once it has been told the state. */
  begin(query?: string, how?: Follow): Promise<Followed>;
  /** Reads on after a break. */
  again(from: Followed, query?: string, token?: string): Promise<Followed>;
}

/** To be called in `describe`. */
export function liveReaders(): LiveReaders {
  let platform: LivePlatform;
  const open = new Set<Followed>();
  beforeEach(async () => {
    platform = await startLivePlatform();
    platform.consumers = [consumerOf('green', 'wall'), consumerOf('blue', 'wall')];
    platform.tokens.set('both', ['green', 'blue']);
    platform.tokens.set('green', ['green']);
  });
  afterEach(async () => {
    for (const each of open) each.close();
    open.clear();
    await platform.close();
  });
  const follow = async (query = '', how: Follow = {}) => {
    const followed = await followChanges(`${platform.url}${query}`, how);
    open.add(followed);
    return followed;
  };
  const begin = async (query = '', how: Follow = {}) => {
    const followed = await follow(query, how);
    await platform.world.pass(0);
    await synced(followed);
    return followed;
  };
  return {
    get platform() {
      return platform;
    },
    follow,
    begin,
    async again(from, query = '', token = TOKEN) {
      from.close();
      await eventually(() => from.isOver, 'the end of a reader that left');
      return begin(query, { token, lastId: from.lastId, state: from.state });
    },
  };
}

export function consumerOf(namespace: string, name: string, lag = 3): ConsumerReport {
  return fakeConsumer(name, { namespace, lag });
}

export const namesOf = ({ state }: Followed) => [...state.keys()].sort();
export const kindsOf = ({ events }: Followed) => events.map(({ event }) => event);

export function lagOf({ state }: Followed): number | undefined {
  return JSON.parse(state.get('consumer Subscription green/wall') ?? '{}').lag;
}
