// A Topic in a real log for the contract of its events, and helpers that its chapters share.
import assert from 'node:assert/strict';
import type { FollowQuery, TopicEvent, TopicEventPage, TopicLine, TopicQuery } from '../../../admin/topic-view.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import type { ScanBudget } from '../../../server/events/topics/scan-topic.ts';
import { createTopicEvents, type TopicEvents } from '../../../server/events/topics/topic-events.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { type LogSubject, newName } from '../event-log/subject.ts';

export const NO_BOUND = { ms: 600_000 };
export const signal = new AbortController().signal;

export function orderOf(
  id: string,
  more: { key?: string; type?: string; data?: string; partition?: number } = {},
): NewRecord {
  const { key = null, type = 'OrderCreated', data = `{"n":"${id}"}`, partition } = more;
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: '/shop',
    ce_type: type,
    'content-type': 'application/json',
  };
  return { key, value: Buffer.from(data), headers, ...(partition === undefined ? {} : { partition }) };
}

export const idsOf = (events: readonly TopicEvent[]) => events.map(({ id }) => id);

export class TopicSite {
  readonly #subject: () => LogSubject;
  readonly #opened: TopicEvents[] = [];
  log!: EventLog;
  topic = '';
  resources: readonly AnyResource[] = [];

  constructor(subject: () => LogSubject) {
    this.#subject = subject;
  }

  /** To be called in `describe`. */
  use(): void {
    before(async () => {
      this.log = await this.#subject().open();
    });
    after(() => this.log?.close());
    beforeEach(() => this.makeTopic(3));
    afterEach(() => {
      for (const each of this.#opened.splice(0)) each.close();
    });
  }

  async makeTopic(partitions: number): Promise<void> {
    this.topic = newName('topic');
    await this.log.ensureTopic(this.topic, { partitions });
    this.resources = [this.resourceOf(this.topic)];
  }

  resourceOf(topic: string, namespace = 'default'): AnyResource {
    return fakeResource('Topic', 'orders', { namespace, spec: { kafka: { topic } } } as object);
  }

  events(budget: Partial<ScanBudget> = NO_BOUND, more: { log?: EventLog; followers?: number } = {}): TopicEvents {
    const made = createTopicEvents({
      world: realWorld,
      log: this.log,
      resources: () => createResourceSet(this.resources),
      budget,
      ...more,
    });
    this.#opened.push(made);
    return made;
  }

  list(query: Partial<TopicQuery> = {}, budget?: Partial<ScanBudget>): Promise<TopicEventPage> {
    return this.events(budget).list('default', 'orders', { limit: 100, ...query }, signal);
  }

  /** All pages of a list. */
  async pages(
    query: Partial<TopicQuery>,
    budget?: Partial<ScanBudget>,
    between = async () => {},
  ): Promise<readonly TopicEventPage[]> {
    const all: TopicEventPage[] = [await this.list(query, budget)];
    for (let next = all[0]?.next; next !== undefined; next = all.at(-1)?.next) {
      await between();
      const { from: _1, partition: _2, ...rest } = query;
      all.push(await this.list({ ...rest, after: next }, budget));
    }
    return all;
  }

  /** One after the other: each has a later time than the one before. */
  async publish(...records: NewRecord[]): Promise<void> {
    for (const each of records) {
      await this.log.append(this.topic, [each]);
      const at = Date.now();
      while (Date.now() <= at) await new Promise(resolve => setTimeout(resolve, 1));
    }
  }

  follow(query: FollowQuery, made = this.events()) {
    const stop = new AbortController();
    return { lines: made.follow('default', 'orders', query, stop.signal), stop };
  }
}

/** Lines up to and including the first that is wanted. */
export async function readTo(
  lines: AsyncGenerator<TopicLine>,
  isWanted: (line: TopicLine) => boolean,
): Promise<readonly TopicLine[]> {
  const read: TopicLine[] = [];
  for (;;) {
    const { value, done } = await lines.next();
    assert.ok(!done, 'it goes on');
    read.push(value);
    if (isWanted(value)) return read;
  }
}
