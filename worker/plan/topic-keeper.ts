// Makes the topics of the plan in force, and lets them grow, again and again where the log cannot
// do it yet.
import { TenfoldError } from '../../core/errors.ts';
import { again } from '../../core/retry/again.ts';
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { ensureAsFarAsPossible, PartitionsRefused } from './ensure-rest.ts';
import type { TopicPlan } from './topic-plan.ts';

export interface TopicKeeper {
  /**
   * Topics of an earlier call that are gone from these are deleted when their resources said so,
   * unless they are `external` now.
   */
  apply(topics: readonly TopicPlan[], external?: readonly string[]): void;
  /** Resolves when a first attempt at each topic has been made. */
  tried(): Promise<void>;
  /**
   * Rejects with the reason why the topic is not there. Resolves for a topic that no plan makes: it
   * belongs to others.
   */
  ready(name: string): Promise<void>;
  /** Names of topics that are not there yet. */
  readonly missing: readonly string[];
  close(): void;
}

interface TopicState {
  readonly plan: TopicPlan;
  readonly first: Promise<void>;
  /** Undefined when it is there as planned. */
  error: unknown;
  done: boolean;
  /**
   * The topic is there, but with more partitions than planned, or with fewer. A later plan has let
   * it grow, and processes of an earlier one start again; or it must not grow.
   */
  isOther: boolean;
  /** All but its partitions was brought into force as planned. */
  hasRest: boolean;
  readonly stop: AbortController;
}

const PAUSES = { base: 1_000, max: 2_000 };

export function keepTopics(
  world: World,
  log: EventLog,
  problem: (message: string, error: unknown) => void,
): TopicKeeper {
  const kept = new Map<string, TopicState>();

  const keep = (plan: TopicPlan): TopicState => {
    const stop = new AbortController();
    const first = Promise.withResolvers<void>();
    const flags = { done: false, isOther: false, hasRest: false };
    const entry: TopicState = { plan, first: first.promise, error: undefined, ...flags, stop };
    const failed = (error: unknown) => {
      // A problem is reported once, not with every attempt.
      const isNew = entry.error === undefined || codeOf(entry.error) !== codeOf(error);
      if (isNew) problem(`The topic ${plan.name} cannot be made or changed`, error);
      entry.error = error;
      entry.isOther ||= error instanceof TenfoldError && error.code === 'conflict';
      entry.hasRest ||= error instanceof PartitionsRefused && error.hasRest;
      first.resolve();
    };
    const done = () => {
      entry.done = true;
      entry.error = undefined;
    };
    const ensure = async () => {
      if (!entry.hasRest) return ensureAsFarAsPossible(log, plan);
      await log.ensureTopic(plan.name, plan.settings);
    };
    again(ensure, { ...PAUSES, failed }, { world, signal: stop.signal })
      // The keeper of the topic was stopped.
      .then(done, () => undefined)
      .finally(first.resolve);
    return entry;
  };

  const remove = async ({ plan }: TopicState) => {
    if (!plan.deleteWithResource) return;
    try {
      await log.deleteTopic(plan.name);
    } catch (error) {
      problem(`The topic ${plan.name} could not be deleted; its events are still there`, error);
    }
  };

  return {
    apply(topics, external = []) {
      const wanted = new Map(topics.map(topic => [topic.name, topic]));
      for (const [name, entry] of kept) {
        const next = wanted.get(name);
        if (next !== undefined && same(next, entry.plan)) continue;
        entry.stop.abort();
        kept.delete(name);
        if (next === undefined && !external.includes(name)) void remove(entry);
      }
      for (const [name, plan] of wanted) if (!kept.has(name)) kept.set(name, keep(plan));
    },
    async tried() {
      await Promise.all([...kept.values()].map(({ first }) => first));
    },
    async ready(name) {
      const entry = kept.get(name);
      if (entry === undefined) return;
      await entry.first;
      if (!entry.done && !entry.isOther) throw entry.error;
    },
    get missing() {
      return [...kept.values()].filter(({ done, isOther }) => !done && !isOther).map(({ plan }) => plan.name);
    },
    close() {
      for (const { stop } of kept.values()) stop.abort();
      kept.clear();
    },
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof TenfoldError ? error.code : undefined;
}

function same(one: TopicPlan, other: TopicPlan): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
