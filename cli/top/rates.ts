// Rates out of two looks at the same counters.
import type { ConsumerReport, TopicReport } from '../../admin/event-view.ts';

export interface CounterSample {
  /** Milliseconds of any one clock. */
  readonly at: number;
  readonly topics: readonly TopicReport[];
  readonly consumers: readonly ConsumerReport[];
}

/** Events a second; undefined where there is nothing to compare with. */
export interface TopicRates extends TopicReport {
  readonly appendedPerSecond: number | undefined;
}

export interface ConsumerRates extends ConsumerReport {
  readonly deliveredPerSecond: number | undefined;
  readonly failuresPerSecond: number | undefined;
}

export interface Snapshot {
  readonly topics: readonly TopicRates[];
  readonly consumers: readonly ConsumerRates[];
}

export function toSnapshot(before: CounterSample | undefined, now: CounterSample): Snapshot {
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  const rate = (earlier: number | undefined, later: number) => {
    if (earlier === undefined || seconds <= 0) return undefined;
    // Counters begin anew with the platform.
    return Math.round(((later >= earlier ? later - earlier : later) / seconds) * 10) / 10;
  };
  return {
    topics: now.topics.map(topic => {
      const earlier = before?.topics.find(each => each.topic === topic.topic);
      return { ...topic, appendedPerSecond: rate(earlier?.appended, topic.appended) };
    }),
    consumers: now.consumers.map(consumer => {
      const { kind, namespace, name, delivered, failures } = consumer;
      const earlier = before?.consumers.find(
        each => each.kind === kind && each.namespace === namespace && each.name === name,
      );
      return {
        ...consumer,
        deliveredPerSecond: rate(earlier?.delivered, delivered),
        failuresPerSecond: rate(earlier?.failures, failures),
      };
    }),
  };
}
