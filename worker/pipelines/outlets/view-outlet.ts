// A View as an outlet: repeats are folded once there, since each event carries a mark.
import { toRecord } from '../../../core/cloudevents/record.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { type Fed, feedView } from '../../views/feed-view.ts';
import type { FlowItem } from '../flow/item.ts';
import { inherited } from './inherited.ts';
import { numbered } from './numbered.ts';
import type { Outlet } from './outlet.ts';

export interface ViewOutletOptions {
  readonly log: Pick<EventLog, 'append'>;
  readonly view: { readonly namespace: string; readonly name: string };
  /**
   * Name of the feeding stage, for the marks. Undefined where events come in another order than
   * that of their places; then a repeat is folded again.
   */
  readonly feeder: string | undefined;
}

export function createViewOutlet({ log, view, feeder }: ViewOutletOptions): Outlet {
  const toFed = (item: FlowItem, index: number): Fed => {
    const { partition, record } = item.cause;
    const { value, headers } = toRecord(item.event, null, item.body);
    const mark = feeder === undefined ? undefined : { topic: feeder, partition, offset: record.offset, index };
    return { record: { value, headers: { ...headers, ...inherited(item) } }, partition, mark };
  };
  return {
    label: `view ${view.name}`,
    async put(items, refuse, signal) {
      const fed: Fed[] = [];
      for (const { item, index } of numbered(items)) {
        try {
          fed.push(toFed(item, index));
        } catch (error) {
          refuse(item, error);
        }
      }
      await feedView(log, view, fed, signal);
    },
  };
}
