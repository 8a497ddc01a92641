// A member of a consumer group shares this with the partitions that it owns.

import type { KafkaReaderContext } from '../fetch/partition-reader.ts';
import type { Positions } from './positions.ts';

export interface MemberContext extends KafkaReaderContext {
  readonly positions: Positions;
  readonly times: MembershipTimes;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

export interface MembershipTimes {
  /** The coordinator gives up on a member that it has not heard of for so long. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
}
