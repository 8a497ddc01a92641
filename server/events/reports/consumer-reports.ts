// How Subscriptions and Queues do, as the admin API shows it.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import type { FailureReport, HeldUp } from '../../../admin/failure-view.ts';
import { failureText } from '../../../core/failure.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { FailedAttempt } from '../../../worker/dispatch/failed-attempt.ts';
import type { DispatcherView, FailedEvent } from '../../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';

export interface ReportInit {
  readonly deadLetters: number;
  readonly pausedByCommand: boolean;
  /** Name of the subscription that a replay repeats. */
  readonly replayOf: string | undefined;
  readonly heldUp: HeldUp | undefined;
}

export function nameOf({ plan }: ConsumerState): ConsumerName {
  return nameOfConsumer(plan);
}

export function toConsumerReport(state: ConsumerState, init: ReportInit): ConsumerReport {
  const { plan, runner } = state;
  const view = runner.running?.view;
  return {
    ...nameOf(state),
    topic: plan.settings.topic,
    target: view?.label ?? describeTarget(plan),
    state: stateOfConsumer(runner.state, view),
    lastError: runner.lastError ?? view?.partitions.find(({ trouble }) => trouble !== undefined)?.trouble,
    newestFailure: view?.newestFailure && toFailureReport(view.newestFailure),
    heldUp: init.heldUp,
    pausedByCommand: init.pausedByCommand,
    lag: view?.lag,
    oldestAgeMs: view?.oldestAgeMs,
    inFlight: view?.inFlight ?? 0,
    parkedKeys: view?.parkedKeys ?? 0,
    parkedEvents: view?.parkedEvents ?? 0,
    failingKeys: view?.failingKeys ?? 0,
    heldKeys: view?.held ?? 0,
    failedFirst: view?.failedFirst && toFirstReport(view.failedFirst),
    heldFirst: view?.heldFirst && toFirstReport(view.heldFirst),
    deadLetters: init.deadLetters,
    delivered: view?.delivered ?? 0,
    attempts: view?.attempts ?? 0,
    failures: view?.failures ?? 0,
    ...(init.replayOf === undefined ? {} : { replayOf: init.replayOf }),
  };
}

function toFirstReport({ since, error }: FailedEvent): NonNullable<ConsumerReport['failedFirst']> {
  return { since: toTimestamp(since), cause: error && failureText(error) };
}

function toFailureReport({ partition, record, attempt, reason, error, at }: FailedAttempt): FailureReport {
  const { status, message, cause } = error;
  return {
    at: toTimestamp(at),
    id: `${partition}-${record.offset}`,
    eventId: record.headers['ce_id'],
    key: record.key,
    attempt,
    reason,
    error: message,
    status,
    cause,
  };
}

const NOT_OWN = { deadLetters: 0, pausedByCommand: false, replayOf: undefined };

/** The report for other processes, without the parts that they know themselves. */
export function toOwnReports(
  consumers: readonly ConsumerState[],
  heldUp: (state: ConsumerState) => HeldUp | undefined,
): ConsumerReport[] {
  return consumers
    .filter(({ plan }) => plan.role !== 'callbacks')
    .map(state => toConsumerReport(state, { ...NOT_OWN, heldUp: heldUp(state) }));
}

export function stateOfConsumer(
  runner: ConsumerState['runner']['state'],
  view: DispatcherView | undefined,
): ConsumerReport['state'] {
  if (view === undefined) return runner === 'stopped' ? 'stopped' : 'starting';
  if (view.finished) return 'finished';
  if (view.flow === 'paused') return 'paused';
  if (view.flow === 'closed') return 'stopped';
  if (view.partitions.some(({ state }) => state === 'full' || state === 'stopped')) return 'stopped';
  if (view.partitions.length === 0 || view.partitions.some(({ state }) => state === 'starting')) return 'starting';
  return view.flow === 'flowing' ? 'running' : 'resting';
}

function describeTarget({ role, resource }: ConsumerState['plan']): string {
  if (resource.kind === 'FanOut') return `${role} of fan-out ${resource.metadata.name}`;
  return [resource.spec.to]
    .flat()
    .map(target => {
      const [kind = '', name = ''] = Object.entries(target).find(([key, value]) => key !== 'weight' && value) ?? [];
      return `${kind} ${name}`;
    })
    .join(' or ');
}
