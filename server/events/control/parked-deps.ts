// The needs of lists and orders of parked events: consumers, the log, and somebody to tell.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import type { RecordMasker } from '../masking/mask-record.ts';

/** A consumer that parks events, and how it keeps their order. */
export interface ParkedOwner {
  readonly name: ConsumerName;
  readonly settings: Pick<DispatchSettings, 'group' | 'topic' | 'order'>;
  /** Masks the sensitive fields of its events. */
  mask?(): RecordMasker | undefined;
}

export interface ParkedControlOptions {
  readonly world: Pick<World, 'now' | 'monotonic' | 'after'>;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read' | 'append'>;
  /** Told of each order that a person gives. */
  readonly tell: GatewayLog;
  owners(): Promise<readonly ParkedOwner[]>;
  /** Events of one partition that this process may hold. */
  readonly most?: number;
}
