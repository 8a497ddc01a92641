// An owner that begins over the simulated log, for tests of what it takes over.
import assert from 'node:assert/strict';
import type { EventLog, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { type Commit, composeCommit, parseCommit } from '../../../worker/parking-log/commit.ts';
import { encodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import type { Checkpoint, Park, ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { type TakenOver, takeOver } from '../../../worker/parking-log/take-over.ts';
import type { SimulatedProcess } from '../../simulation/kernel/process.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';

const event = { offset: 7, timestamp: 0, key: 'k', value: new Uint8Array(1), headers: {} };
export const park = (offset: number, attempts = 1): Park => ({
  type: 'park',
  event: offset,
  generation: 0,
  attempts,
  at: 5000,
  wait: 1000,
  since: 3000,
  error: { message: 'no' },
  record: { ...event, offset },
});

/** A partition of `t` whose owner begins, and its parking log. */
export class Begin {
  readonly simulation = new Simulation(1);
  readonly broker = new SimulatedBroker(this.simulation);
  readonly process: SimulatedProcess = this.simulation.process('p');
  readonly log: EventLog = new SimulatedLog(this.broker, this.process);
  /** Happens as soon as the owner's claim is in the parking log. */
  onClaim: (offset: number) => void = () => {};
  /** Where a former owner has claimed anew. */
  claimAnew = -1;

  constructor() {
    this.broker.ensureTopic('t', { partitions: 1 });
    this.broker.ensureTopic('parking-log', { partitions: 1 });
    this.broker.watches.push((topic, _, { offset, by }) => {
      if (topic === 'parking-log' && by === 'p') this.onClaim(offset);
    });
  }

  /** Records as somebody wrote them, and where they are. */
  write(...records: readonly ParkingLogRecord[]): number[] {
    return records.map(
      record => this.broker.append('parking-log', [encodeParkingLogRecord(record, 0)], 'former')[0]?.offset ?? -1,
    );
  }

  claim(nonce = 'former', checkpoint?: Checkpoint): number {
    return this.write({ type: 'claim', nonce, checkpoint })[0] ?? -1;
  }

  committed(some: Partial<Commit>): void {
    const commit = { ...parseCommit({ offset: some.position ?? 0, metadata: '' }), ...some };
    this.broker.setPosition('g', 't', 0, composeCommit({ ...commit, top: some.top ?? commit.position }).position);
  }

  trim(before: number): void {
    this.broker.partition('parking-log', 0).trim(before);
  }

  async partition(): Promise<OwnedPartition> {
    const owned: OwnedPartition[] = [];
    const assigned = (partition: OwnedPartition) => void owned.push(partition);
    await this.simulation.drive(this.log.join({ group: 'g', topics: ['t', 'parking-log'], assigned }));
    for (;;) {
      const [partition] = owned;
      if (partition) return partition;
      await this.simulation.pass(100);
    }
  }

  async run(log = this.log, signal = new AbortController().signal) {
    const partition = await this.partition();
    return await this.simulation.drive(takeOver(log, 'parking-log', partition, 'mine', signal));
  }

  async owner(): Promise<TakenOver> {
    const taken = await this.run();
    assert.ok('claim' in taken, JSON.stringify(taken));
    return taken;
  }

  async tooLate(): Promise<string> {
    const taken = await this.run();
    assert.ok('superseded' in taken);
    return taken.superseded;
  }
}
