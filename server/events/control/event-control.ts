// The event plane as the admin API sees and moves it.

import type { ConsumerName, EventControl } from '../../../admin/event-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { isFinal } from '../../../core/jobs/job-row.ts';
import type { JobSignals } from '../../../core/jobs/job-signals.ts';
import { subscriptionGroupOf } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { ConsumerState, EventPlane } from '../../../worker/event-plane.ts';
import type { FanOutPlane } from '../../../worker/fan-out-plane.ts';
import type { PipelinePlane } from '../../../worker/pipeline-plane.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import type { ViewPlane } from '../../../worker/view-plane.ts';
import type { Storage } from '../../storage/open-storage.ts';
import type { Pauses } from '../pauses.ts';
import type { Replays } from '../replays.ts';
import { nameOf, toConsumerReport } from '../reports/consumer-reports.ts';
import { type ConsumerPart, mergeReports } from '../reports/shared-reports.ts';
import { letterOwnerOfView, toViewReport } from '../reports/view-reports.ts';
import type { RunningFanOuts } from '../run-fan-outs.ts';
import { letterOwnersOf, toPipelineReport } from '../run-pipelines.ts';
import { createDeadLetterControl, type LetterOwner } from './dead-letter-control.ts';
import { createFanOutControl } from './fan-out-control.ts';
import { createJobList } from './job-list.ts';
import { reopenItems } from './reopen-items.ts';
import { waitJob } from './wait-job.ts';

export interface EventControlOptions {
  readonly world: World;
  readonly storage: Storage;
  readonly plane: Pick<EventPlane, 'consumers' | 'missingTopics'>;
  readonly views: Pick<ViewPlane, 'views' | 'rebuild'>;
  readonly pipelines: Pick<PipelinePlane, 'pipelines'>;
  readonly fanOuts: Pick<FanOutPlane, 'fanOuts'>;
  readonly endedOf: RunningFanOuts['endedOf'];
  /** How consumers do in other processes. */
  others(): Promise<readonly ConsumerPart[]>;
  readonly pauses: Pauses;
  readonly replays: Replays;
  readonly signals: JobSignals;
  resources(): ResourceSet;
  /** The replays have changed: what runs must follow. */
  refresh(): void;
  cancel(namespace: string, queue: string, id: string): Promise<void>;
  /** Called with a problem that is left as it is. */
  problem(message: string, error: unknown): void;
}

/** A replay stops at once; its events in flight were delivered before anyway. */
const REPLAY_GRACE_MS = 1_000;

export function createEventControl(options: EventControlOptions): EventControl {
  const { world, storage, plane, pauses, replays, resources } = options;
  const { log } = storage;
  const startOf = new Map<string, readonly number[]>();
  /** Callbacks are a Queue's own affair, and not shown apart. */
  const consumers = () => plane.consumers.filter(({ plan }) => plan.role !== 'callbacks');
  const ownersOfLetters = (): LetterOwner[] => [
    ...consumers().map(state => ({
      name: nameOf(state),
      group: state.plan.settings.group,
      schema: schemaOf(state.plan.resource, resources()),
      ...(state.plan.role === 'items' ? { redriven: reopenItems(log, state.plan) } : {}),
    })),
    ...options.views.views.map(({ plan }) => letterOwnerOfView(plan.resource)),
    ...options.pipelines.pipelines.flatMap(({ plan }) => letterOwnersOf(plan)),
  ];
  const letters = createDeadLetterControl(world, log, ownersOfLetters, options.problem);
  const jobs = createJobList(log, storage.store);

  const find = (wanted: ConsumerName): ConsumerState => {
    const found = consumers().find(state => {
      const { kind, namespace, name } = nameOf(state);
      return kind === wanted.kind && namespace === wanted.namespace && name === wanted.name;
    });
    if (found) return found;
    throw new TenfoldError(
      'not-found',
      `There is no ${wanted.kind} "${wanted.name}" in namespace "${wanted.namespace}".`,
    );
  };
  const replayOf = (namespace: string, name: string) =>
    replays.all.find(each => each.namespace === namespace && each.name === name);
  const queueOf = (namespace: string, queue: string) => {
    if (resources().get('Queue', namespace, queue)) return { namespace, name: queue };
    throw new TenfoldError('not-found', `There is no Queue "${queue}" in namespace "${namespace}".`);
  };

  return {
    async topics() {
      const reports = resources()
        .ofKind('Topic')
        .map(async topic => {
          const name = logTopicOf(topic);
          const bounds = await log.bounds(name);
          const ends = (bounds ?? []).map(({ end }) => end);
          // Callers of this process did not append the events that were there at the first reading.
          if (bounds && !startOf.has(name)) startOf.set(name, ends);
          return {
            namespace: topic.metadata.namespace,
            name: topic.metadata.name,
            topic: name,
            there: bounds !== undefined,
            partitions: bounds?.length ?? topic.spec.partitions,
            events: (bounds ?? []).reduce((sum, each) => sum + each.end - each.start, 0),
            appended: ends.reduce((sum, end, at) => sum + offsetDistance(startOf.get(name)?.[at] ?? 0, end), 0),
          };
        });
      return Promise.all(reports);
    },
    async consumers() {
      const others = Map.groupBy(await options.others(), idOf);
      return Promise.all(
        consumers().map(async state => {
          const { group } = state.plan.settings;
          const { namespace, name } = state.plan.resource.metadata;
          const own = toConsumerReport(state, {
            deadLetters: await letters.count(group),
            pausedByCommand: pauses.known(group),
            replayOf: replayOf(namespace, name)?.subscription,
          });
          return mergeReports(own, others.get(idOf(own)) ?? []);
        }),
      );
    },
    async views() {
      const deps = { world, storage };
      return Promise.all(options.views.views.map(state => toViewReport(state, deps)));
    },
    async rebuildView(namespace, name) {
      const found = options.views.views.find(({ plan: { resource } }) => {
        return resource.metadata.namespace === namespace && resource.metadata.name === name;
      });
      if (found) return options.views.rebuild(found.plan);
      throw new TenfoldError('not-found', `There is no View "${name}" in namespace "${namespace}".`);
    },
    pipelines: () => Promise.all(options.pipelines.pipelines.map(state => toPipelineReport(state, { log, letters }))),
    async pause(consumer) {
      const { plan, runner } = find(consumer);
      await pauses.set(plan.settings.group, true);
      runner.running?.pause();
    },
    async resume(consumer) {
      const { plan, runner } = find(consumer);
      await pauses.set(plan.settings.group, false);
      if (plan.settings.paused) {
        const { kind, name } = consumer;
        throw new TenfoldError('conflict', `${kind} "${name}" says "paused: true". Change that to let it go on.`);
      }
      runner.running?.resume();
    },
    async replay(request) {
      const { namespace, subscription: name, toFunction } = request;
      const subscription = resources().get('Subscription', namespace, name);
      if (!subscription) {
        throw new TenfoldError('not-found', `There is no Subscription "${name}" in namespace "${namespace}".`);
      }
      if (toFunction !== undefined && !resources().get('Function', namespace, toFunction)) {
        throw new TenfoldError('unknown-function', `There is no function "${toFunction}" in namespace "${namespace}".`);
      }
      const topic = resources().get('Topic', namespace, subscription.spec.topic);
      if (!topic) throw new TenfoldError('not-found', `There is no Topic "${subscription.spec.topic}".`);
      const begun = await replays.begin(request, subscription, topic);
      options.refresh();
      return { kind: 'Subscription', namespace, name: begun.name };
    },
    async endReplay({ kind, namespace, name }) {
      if (kind !== 'Subscription' || !replayOf(namespace, name)) {
        throw new TenfoldError('not-found', `There is no replay "${name}" in namespace "${namespace}".`);
      }
      const group = subscriptionGroupOf(namespace, name);
      const running = plane.consumers.find(({ plan }) => plan.settings.group === group);
      await running?.runner.close(REPLAY_GRACE_MS);
      await replays.forget(namespace, name);
      options.refresh();
    },
    fanOuts: createFanOutControl({ world, storage, plane: options.fanOuts, endedOf: options.endedOf, resources }),
    deadLetters: letters.deadLetters,
    deadLetter: letters.deadLetter,
    command: letters.command,
    async jobs({ namespace, queue, ...query }) {
      const queues = resources()
        .ofKind('Queue')
        .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }))
        .filter(
          each =>
            (namespace === undefined || each.namespace === namespace) && (queue === undefined || each.name === queue),
        );
      if (queue !== undefined && queues.length === 0)
        throw new TenfoldError('not-found', `There is no Queue "${queue}".`);
      return jobs.list(query, queues);
    },
    async job(namespace, queue, id, waitMs, signal = new AbortController().signal) {
      const named = queueOf(namespace, queue);
      const read = () => jobs.read(named, id);
      if (waitMs === undefined) return read();
      return waitJob({ world, signals: options.signals, job: { namespace, queue, id }, waitMs, signal, read });
    },
    async cancelJob(namespace, queue, id) {
      const named = queueOf(namespace, queue);
      const { state } = await jobs.read(named, id);
      if (isFinal(state)) throw new TenfoldError('conflict', `Job ${id} is ${state} already.`);
      await options.cancel(namespace, queue, id);
      return jobs.read(named, id);
    },
  };
}

function idOf({ kind, namespace, name }: Pick<ConsumerPart, 'kind' | 'namespace' | 'name'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** The schema of the data that the resource consumes. */
function schemaOf(resource: ConsumerState['plan']['resource'], resources: ResourceSet): unknown {
  if (resource.kind === 'Queue') return resource.spec.schema;
  if (resource.kind === 'FanOut') return undefined;
  return resources.get('Topic', resource.metadata.namespace, resource.spec.topic)?.spec.schema;
}
