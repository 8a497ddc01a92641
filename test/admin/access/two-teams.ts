// A platform on which two teams run the same: each of its lists has something of either, with the
// words `secret of NAMESPACE` in it.
import type { DeadLetterSummary } from '../../../admin/commands/dead-letter-view.ts';
import type { EventControl } from '../../../admin/event-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import type { PlatformView } from '../../../admin/platform-view.ts';
import type { PolicyOwner } from '../../../admin/policy-view.ts';
import type { StoryLink, StoryUnread } from '../../../admin/story-view.ts';
import { fakeConsumer, fakeLetter, fakeParked } from '../../fakes/consumer-report.ts';
import { fakeProblem, fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../../fakes/strangler-report.ts';

const teams = ['green', 'blue'].map(namespace => ({ namespace, secret: `secret of ${namespace}` }));

interface Filter {
  readonly visible?: ((namespace: string) => boolean) | undefined;
}

export function twoTeams(): PlatformView {
  const at = { state: 'running', lastError: undefined } as const;
  return fakeView({
    resources: teams.map(({ namespace, secret }) =>
      fakeResource('Topic', secret, { namespace, origin: { file: `${namespace}.yaml`, line: 1, column: 1 } }),
    ),
    problems: teams.map(({ namespace, secret }) => fakeProblem({ file: `${namespace}.yaml`, message: secret })),
    functions: () =>
      teams.map(({ namespace, secret }) => {
        const counts = { instances: 1, inFlight: 0, waiting: 0, restarts: 0 };
        return { namespace, name: secret, state: 'available', ...counts };
      }),
    routes: () =>
      teams.map(({ namespace, secret }) => {
        const route = { kind: 'Api', namespace, name: 'shop', methods: [], host: undefined, path: `/${secret}` };
        return { ...route, conditions: [], target: 'function x', listeners: [] };
      }),
    explain: () => ({
      request: { method: 'GET', host: 'localhost', path: '/', query: '' },
      candidates: teams.map(({ namespace, secret }) => {
        const route = { kind: 'Api', namespace, name: 'shop', methods: [], host: undefined, path: `/${secret}` };
        const more = { conditions: [], target: 'function x', listeners: [], checks: [], params: {} };
        return { ...route, ...more, verdict: 'not-reached' as const };
      }),
    }),
    aggregates: {
      requests: namespace => ({
        process: { host: 'x', role: 'serve', startedAt: '2026-11-30T00:00:00Z' },
        counted: 1,
        parts: [{ name: `secret of ${namespace}`, calls: 1, failed: 0, critical: 0 }],
        newest: [],
        slowest: [],
      }),
    },
    stranglers: {
      list: () => teams.map(({ namespace, secret }) => fakeStrangler('shop', [fakeFeature(secret)], namespace)),
      get: (namespace, name) => fakeStrangler(name, [], namespace),
      move: async () => fakeFeature('x'),
    },
    policies: {
      report: () => ({ breakers: owners().map(owner => ({ ...owner, ...calls })), limits: [], retries: [] }),
      cache: () => ({ answers: 2, bytes: 2, routes: owners().map(owner => ({ ...owner, ...cached })) }),
      purge: async () => 0,
    },
    sql: {
      tables: async () =>
        teams.map(({ namespace, secret }) => ({
          namespace,
          name: secret,
          kind: 'archive' as const,
          pipeline: 'x',
          columns: [],
        })),
      async *ask() {},
    },
    audit: {
      begun: async () => {},
      ended() {},
      happened() {},
      list: async ({ visible }) => ({
        items: teams.filter(shownBy({ visible })).map(({ namespace, secret }) => {
          const entry = { id: secret, at: '2026-11-30T00:00:00Z', action: 'POST /api/x', by: 'x', from: '::1' };
          return { ...entry, namespace, outcome: 'done' as const };
        }),
      }),
    },
    events: twoTeamsEvents(at),
  });
}

function twoTeamsEvents(at: { readonly state: 'running'; readonly lastError: undefined }): EventControl {
  const named = teams.map(({ namespace, secret }) => ({ namespace, name: secret }));
  const view = { generation: undefined, building: undefined, behind: 0, asOf: undefined };
  const folds = { folded: 0, repeated: 0, refused: 0, deadLetters: 0, jumped: 0 };
  const pipeline = { lag: 0, handled: 0, emitted: 0, late: 0, filtered: 0, deduplicated: 0, unjoined: 0, joining: 0 };
  const rest = { watermark: undefined, parkedEvents: 0, deadLetters: 0, archives: [], tables: [] };
  const owner = (namespace: string) => ({ kind: 'Subscription' as const, namespace, name: 'wall' });
  return {
    ...noEvents,
    topics: async () =>
      named.map(name => ({ ...name, topic: name.name, there: true, partitions: 1, events: 0, appended: 0 })),
    consumers: async () => [
      ...teams.map(({ namespace, secret }) => fakeConsumer('wall', { namespace, target: secret })),
      ...teams.map(({ namespace }) => fakeConsumer('0-1', { namespace })),
    ],
    pause: async () => {},
    resume: async () => {},
    endReplay: async () => {},
    views: async () => named.map(name => ({ ...name, ...at, ...view, ...folds })),
    pipelines: async () => named.map(name => ({ ...name, ...at, ...pipeline, ...folds, ...rest })),
    deadLetters: async query => ({
      items: teams
        .filter(shownBy(query))
        .map(
          ({ namespace, secret }): DeadLetterSummary =>
            fakeLetter('0-1', { consumer: owner(namespace), error: secret }),
        ),
    }),
    parked: {
      ...noEvents.parked,
      list: async query => ({
        items: teams
          .filter(shownBy(query))
          .map(({ namespace, secret }) => fakeParked('0-1', { consumer: owner(namespace), error: secret })),
      }),
    },
    jobs: async query => ({
      items: teams.filter(shownBy(query)).map(({ namespace, secret }) => {
        const job = { id: '0-1', namespace, queue: 'x', state: 'failed' as const, attempts: 1 };
        return { ...job, queuedAt: '2026-11-30T00:00:00Z', error: secret };
      }),
    }),
    schedules: {
      ...noEvents.schedules,
      list: async query => ({
        items: teams.filter(shownBy(query)).map(({ namespace, secret }) => {
          const due = { cron: '@daily', timeZone: 'UTC', missed: 'skip', next: [], waiting: 0, runs: [], leftOut: [] };
          return { kind: 'Queue' as const, namespace, name: 'x', schedule: secret, ...due };
        }),
      }),
    },
    fanOuts: {
      ...noEvents.fanOuts,
      reports: async () => named.map(name => ({ ...name, ...at, behind: 0, folded: 0, ended: {} })),
    },
    stories: {
      tellJob: async (of, id) => ({
        of,
        job: {
          id,
          namespace: of.namespace,
          queue: of.name,
          state: 'failed',
          attempts: 1,
          queuedAt: '2026-11-30T00:00:00Z',
        },
        consumers: [],
        cameFrom: teams.map(linkOf),
        ledTo: teams.map(linkOf),
        unreadBefore: teams.map(unreadOf),
        unreadAfter: teams.map(unreadOf),
      }),
      tell: async (namespace, _topic, id) => ({
        event: { partition: 0, offset: Number(id.split('-')[1]), key: namespace, bytes: 0 },
        consumers: teams.map(team => ({ consumer: owner(team.namespace), fate: 'dead' as const, error: team.secret })),
        cameFrom: teams.map(linkOf),
        ledTo: teams.map(linkOf),
        unreadBefore: teams.map(unreadOf),
        unreadAfter: teams.map(unreadOf),
      }),
    },
  };
}

function linkOf({ namespace, secret }: (typeof teams)[number]): StoryLink {
  return {
    how: 'to',
    by: { kind: 'Subscription', namespace, name: 'x' },
    of: { kind: 'Topic', namespace, name: 'x' },
    eventId: secret,
  };
}

function unreadOf({ namespace, secret }: (typeof teams)[number]): StoryUnread {
  return { of: { kind: 'Topic', namespace, name: secret }, partition: 0, at: '2026-11-30T00:00:00Z' };
}

function shownBy({ visible = () => true }: Filter) {
  return ({ namespace }: { readonly namespace: string }) => visible(namespace);
}

function owners(): PolicyOwner[] {
  return teams.map(({ namespace, secret }) => ({ kind: 'Api', namespace, name: 'shop', route: '', target: secret }));
}

const calls = { state: 'closed' as const, calls: 0, failed: 0, opened: 0, refused: 0 };
const cached = { hits: 0, stale: 0, staleOnError: 0, misses: 0, collapsed: 0, bypassed: 0, stored: 0, refreshes: 0 };
