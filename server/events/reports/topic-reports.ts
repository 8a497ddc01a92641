// How Topics do, as the admin API shows it.
import type { SourceReport, TopicReport } from '../../../admin/event-view.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Resource } from '../../../resources/resource.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';

export class TopicReports {
  readonly #log: Pick<EventLog, 'bounds'>;
  /** By topic of the log: the end of each partition at the first reading. Counts start there. */
  readonly #firstEnds = new Map<string, readonly number[]>();

  constructor(log: Pick<EventLog, 'bounds'>) {
    this.#log = log;
  }

  async of(resource: Resource<'Topic'>, source?: SourceReport): Promise<TopicReport> {
    const { namespace, name } = resource.metadata;
    const topic = logTopicOf(resource);
    const bounds = await this.#log.bounds(topic);
    return {
      namespace,
      name,
      topic,
      there: bounds !== undefined,
      partitions: bounds?.length ?? resource.spec.partitions,
      events: (bounds ?? []).reduce((sum, each) => sum + each.end - each.start, 0),
      appended:
        bounds === undefined
          ? 0
          : this.#appended(
              topic,
              bounds.map(({ end }) => end),
            ),
      ...(source === undefined ? {} : { source }),
    };
  }

  #appended(topic: string, ends: readonly number[]): number {
    const first = this.#firstEnds.get(topic) ?? ends;
    this.#firstEnds.set(topic, first);
    return ends.reduce((sum, end, at) => sum + offsetDistance(first[at] ?? 0, end), 0);
  }
}
