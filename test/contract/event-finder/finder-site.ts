// A log with a Topic and a Queue for the contract of finding events, and helpers for its chapters.
import type { FindQuery, FoundEvent, FoundPage } from '../../../admin/topic-view.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventIndex } from '../../../drivers/event-index/event-index.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFindControl, type FindBounds } from '../../../server/events/finding/find-control.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { newName, until } from '../event-log/subject.ts';

export interface FinderSubject {
  open(): Promise<{ readonly log: EventLog; readonly index: EventIndex | undefined }>;
  /** Indexes the topic, where the log does not do so itself. */
  follow?(topic: string): Promise<void>;
  destroy(): Promise<void>;
}

const NO_ROWS = { get: async () => undefined, row: async () => undefined };
const NO_BOUND: FindBounds = { records: 1e9, bytes: 1e12, ms: 600_000 };
export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
interface Facts {
  readonly key?: string | null;
  readonly source?: string;
  readonly trace?: string;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function eventOf(
  id: string,
  { key = null, source = '/shop', trace, partition, headers }: Facts = {},
): NewRecord {
  return {
    key,
    value: Buffer.from('{}'),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: 'OrderCreated',
      'content-type': 'application/json',
      ...(trace === undefined ? {} : { traceparent: `00-${trace}-00f067aa0ba902b7-01` }),
      ...headers,
    },
    ...(partition === undefined ? {} : { partition }),
  };
}

export const traceOf = (at: number) => (at + 1).toString(16).padStart(32, '0');
export const placesOf = (items: readonly FoundEvent[]) =>
  items.map(({ partition, offset }) => `${partition}-${offset}`);

export class FinderSite {
  readonly #create: () => Promise<FinderSubject>;
  #subject: FinderSubject | undefined;
  log!: EventLog;
  index: EventIndex | undefined;
  namespace = '';
  topic = '';

  constructor(create: () => Promise<FinderSubject>) {
    this.#create = create;
  }

  /** To be called in `describe`. */
  use(): void {
    before(async () => {
      this.#subject = await this.#create();
      ({ log: this.log, index: this.index } = await this.#subject.open());
    });
    after(async () => {
      await this.log?.close();
      await this.#subject?.destroy();
    });
    beforeEach(() => this.makeTopic(3));
  }

  async makeTopic(partitions: number): Promise<void> {
    this.namespace = newName('space');
    this.topic = `${this.namespace}.orders`;
    await this.log.ensureTopic(this.topic, { partitions });
    await this.#subject?.follow?.(this.topic);
  }

  /** Resolves once an index knows all but the events that fill no block. */
  async covered(): Promise<void> {
    const bounds = (await this.log.bounds(this.topic)) ?? [];
    for (const [partition, span] of bounds.entries()) {
      const asked = { topic: this.topic, partition, field: 'id', value: 'none', ...span } as const;
      await until('all is covered', async () => ((await this.index?.narrow(asked))?.unindexed ?? 0) < 1024);
    }
  }

  find(
    query: Partial<FindQuery>,
    bounds: Partial<FindBounds> = {},
    signal = new AbortController().signal,
  ): Promise<FoundPage> {
    const { log, index, namespace } = this;
    const set = createResourceSet([
      fakeResource('Topic', 'orders', { namespace }),
      fakeResource('Topic', 'unmade', { namespace }),
      fakeResource('Queue', 'import', { namespace }),
    ]);
    const budget = { ...NO_BOUND, ...bounds };
    const control = createFindControl({ world: realWorld, log, index, store: NO_ROWS, resources: () => set, budget });
    return control.find({ namespace, limit: 100, ...query }, signal);
  }

  async pages(query: Partial<FindQuery>, bounds?: Partial<FindBounds>): Promise<readonly FoundPage[]> {
    const pages = [await this.find(query, bounds)];
    for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
      pages.push(await this.find({ ...query, after: next }, bounds));
    return pages;
  }
}
