// What the story of an event must say of a View at any moment. It follows from all records that
// were ever put into the internal topic of a generation, and from the positions as they are.
import { VIEW_CONSUMER, type ViewLayout, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { markOf } from '../../../worker/fold/source-mark.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import { NAMESPACE, VIEW } from '../views/definitions.ts';

export interface ViewEvent {
  readonly topic: string;
  readonly partition: number;
  readonly record: StoredRecord;
}

/** `ahead`: of an event that waits. */
export interface ModelFateAtView {
  readonly fate: 'waiting' | 'filtered' | 'done';
  readonly ahead?: number;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}

export class ViewStoryModel {
  readonly #broker: SimulatedBroker;
  readonly #state: SimulatedState;
  /** By internal topic and event: the first record that was made of it. */
  readonly #made = new Map<string, Place>();

  constructor(broker: SimulatedBroker, state: SimulatedState) {
    this.#broker = broker;
    this.#state = state;
    broker.watches.push((topic, partition, record) => {
      const mark = markOf(record);
      if (mark === undefined) return;
      const name = nameOf(topic, mark.topic, mark.partition, mark.offset);
      if (!this.#made.has(name)) this.#made.set(name, { partition, offset: record.offset });
    });
  }

  /** The generations that the View has now, and whether each was defined with its filter. */
  generations(): readonly { readonly id: string; readonly hasFilter: boolean }[] {
    const text = this.#state.row(`views/${NAMESPACE}/${VIEW}`, 'generations', 'state');
    const { serving, building } = JSON.parse(text ?? '{}');
    return [serving, building].flatMap(each =>
      each === undefined ? [] : [{ id: each.id, hasFilter: each.manifest.spec.filter !== undefined }],
    );
  }

  /** `isLeftOut`: whether the filter of the generation leaves the event out. */
  fateIn(generation: string, { topic, partition, record }: ViewEvent, isLeftOut: boolean): ModelFateAtView {
    const layout = viewLayoutOf(NAMESPACE, VIEW, generation);
    const position = this.#broker.position(layout.rekeyGroupOf(topic), topic, partition)?.offset ?? 0;
    if (position <= record.offset) return { fate: 'waiting', ahead: record.offset - position };
    if (isLeftOut) return { fate: 'filtered' };
    const made = this.#made.get(nameOf(layout.topic, topic, partition, record.offset));
    if (made === undefined) throw new Error(`nothing was made of ${topic} ${partition}-${record.offset}`);
    return this.#fateOfMade(layout, made);
  }

  #fateOfMade(layout: ViewLayout, { partition, offset }: Place): ModelFateAtView {
    const folded = this.#state.position(layout.scopeOf(partition), VIEW_CONSUMER, partition) ?? 0;
    if (folded > offset) return { fate: 'done' };
    const { start = 0, end = 0 } = this.#broker.partitions(layout.topic)?.[partition]?.bounds ?? {};
    return { fate: 'waiting', ahead: Math.max(0, end - Math.max(start, folded) - 1) };
  }
}

function nameOf(internal: string, topic: string, partition: number, offset: number): string {
  return `${internal} ${partition}-${offset} ${topic}`;
}
