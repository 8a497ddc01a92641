// An admin port with a stream of changes, over a platform whose consumers a test sets, in a world
// whose time the test moves.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { type Caller, callerRoles, createCaller } from '../../../admin/access/caller.ts';
import { createAdminServer } from '../../../admin/admin-server.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { createLive, type Live } from '../../../admin/live/live.ts';
import { noEvents } from '../../../admin/no-events.ts';
import type { ParkedKey } from '../../../admin/parked-view.ts';
import type { PlatformView } from '../../../admin/platform-view.ts';
import type { EventStory } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { AnyResource, ResourceProblem } from '../../../resources/resource.ts';
import { createFakeWorld, type FakeWorld } from '../../fakes/fake-world.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { TOKEN } from '../running-admin.ts';

export interface LivePlatform {
  readonly url: string;
  readonly world: FakeWorld;
  readonly live: Live;
  consumers: readonly ConsumerReport[];
  problems: readonly ResourceProblem[];
  looks: number;
  /** Answers about failures that were made. */
  made: number;
  parked: readonly ParkedKey[];
  /** The story of the event at `0-7` of `green/orders`; undefined where there is none. */
  story: EventStory | undefined;
  /** Why it cannot be told for now. */
  storyTrouble: TenfoldError | undefined;
  stories: number;
  /** Namespaces by tokens; a token that is not in it is nobody's. */
  readonly tokens: Map<string, readonly string[]>;
  /** Why callers cannot be known for now. */
  trouble: TenfoldError | undefined;
  /** The rights of callers are not known before. */
  rights: Promise<void> | undefined;
  /** Whether the platform knows its resources, as it does a moment after its start. */
  isLoaded: boolean;
  /** Rights that were asked for. */
  asked: number;
  /** Callers that have left, or have their answer. */
  left: number;
  close(): Promise<void>;
}

export async function startLivePlatform(): Promise<LivePlatform> {
  const resources: AnyResource[] = ['green', 'blue'].map(namespace => fakeResource('Topic', 'orders', { namespace }));
  const tokens = new Map<string, readonly string[]>();
  const world = createFakeWorld(Date.UTC(2026, 10, 30));
  const byFile: Authenticator = {
    takes: 'a token of the test',
    identify({ token = '' }) {
      if (platform.trouble) throw platform.trouble;
      const namespaces = tokens.get(token);
      if (namespaces === undefined) return undefined;
      const caller = createCaller(token, [{ role: callerRoles[0], namespaces }]);
      const may: Caller['may'] = async (...where) => {
        platform.asked++;
        await platform.rights;
        return caller.may(...where);
      };
      return { ...caller, may };
    },
  };
  const whole = fakeView({
    resources,
    events: {
      ...noEvents,
      async consumers() {
        platform.looks++;
        return platform.consumers;
      },
      async deadLetterOwners() {
        platform.made++;
        return platform.consumers;
      },
      async deadLetterGroups() {
        platform.made++;
        return { items: [] };
      },
      parked: {
        ...noEvents.parked,
        async list() {
          platform.made++;
          return { items: platform.parked };
        },
      },
      stories: {
        ...noEvents.stories,
        async tell(namespace, topic, id) {
          platform.stories++;
          if (platform.storyTrouble) throw platform.storyTrouble;
          if (platform.story && `${namespace}/${topic}/${id}` === 'green/orders/0-7') return platform.story;
          throw new TenfoldError('not-found', 'There is no such event.');
        },
      },
    },
  });
  const view: PlatformView = {
    ...whole,
    catalog: {
      get current() {
        return platform.isLoaded ? whole.catalog.current : undefined;
      },
      get problems() {
        return platform.problems;
      },
    },
  };
  const live = createLive(view, world, error => {
    throw error;
  });
  const server: Server = createAdminServer(view, { token: TOKEN, authenticators: [byFile], world, live });
  server.on('request', (_, response) => response.on('close', () => platform.left++));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const platform: LivePlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/changes`,
    ...{ world, live, tokens, consumers: [], looks: 0, made: 0, parked: [], trouble: undefined },
    ...{ story: undefined, storyTrouble: undefined, stories: 0 },
    ...{ rights: undefined, isLoaded: true, problems: [], asked: 0, left: 0 },
    async close() {
      live.close();
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return platform;
}
