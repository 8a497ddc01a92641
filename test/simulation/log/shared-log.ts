// The simulated log, as the calls of a process see it.
import type { Position } from '../../../drivers/event-log/event-log.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { VirtualTime } from '../kernel/virtual-time.ts';
import type { LogFaults } from './log-faults.ts';
import type { PartitionLog } from './partition-log.ts';

export interface SharedLog {
  readonly simulation: VirtualTime;
  readonly faults: LogFaults;
  /** Nothing can be reached: every call fails, and nothing happens. */
  readonly down: boolean;
  partitions(topic: string): readonly PartitionLog[] | undefined;
  partition(topic: string, partition: number): PartitionLog;
  heldFor(topic: string, partition: number, by: string): number;
  position(group: string, topic: string, partition: number): Position | undefined;
  commit(group: string, topic: string, partition: number, position: Position, by: SimulatedProcess): void;
}
