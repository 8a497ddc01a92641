// How an owner begins: what it takes from the commit and from the parking log up to its claim, and when it is too late.
import assert from 'node:assert/strict';
import type { EventLog, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { LIFE } from '../../../drivers/event-log/lives.ts';
import { type Commit, composeCommit, parseCommit } from '../../../worker/lot/commit.ts';
import { LOT_START } from '../../../worker/lot/fold-lot.ts';
import { encodeLotRecord } from '../../../worker/lot/lot-codec.ts';
import type { Checkpoint, LotRecord, OwnersRecord } from '../../../worker/lot/lot-record.ts';
import { isRestart, restart, type TakenOver, takeOver } from '../../../worker/lot/take-over.ts';
import type { SimulatedProcess } from '../../simulation/kernel/process.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { NO_LOG_FAULTS } from '../../simulation/log/log-faults.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';

const event = { offset: 7, timestamp: 0, key: 'k', value: new Uint8Array(1), headers: {} };
const park = (offset: number): OwnersRecord => ({
  type: 'park',
  event: offset,
  generation: 0,
  attempts: 1,
  at: 5000,
  wait: 1000,
  since: 3000,
  error: { message: 'no' },
  record: { ...event, offset },
});

/** A partition of `t` whose owner begins, and its parking log. */
class Begin {
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
    this.broker.ensureTopic('lot', { partitions: 1 });
    this.broker.watches.push((topic, _, { offset, by }) => {
      if (topic === 'lot' && by === 'p') this.onClaim(offset);
    });
  }

  /** Records as somebody wrote them, and where they are. */
  write(...records: readonly LotRecord[]): number[] {
    return records.map(record => this.broker.append('lot', [encodeLotRecord(record, 0)], 'former')[0]?.offset ?? -1);
  }

  claim(nonce = 'former', checkpoint?: Checkpoint): number {
    return this.write({ type: 'claim', nonce, checkpoint })[0] ?? -1;
  }

  committed(some: Partial<Commit>): void {
    const commit = { ...parseCommit({ offset: some.position ?? 0, metadata: '' }), ...some };
    this.broker.setPosition('g', 't', 0, composeCommit({ ...commit, top: some.top ?? commit.position }).position);
  }

  trim(before: number): void {
    this.broker.partition('lot', 0).trim(before);
  }

  async partition(): Promise<OwnedPartition> {
    const owned: OwnedPartition[] = [];
    const assigned = (partition: OwnedPartition) => void owned.push(partition);
    await this.simulation.drive(this.log.join({ group: 'g', topics: ['t', 'lot'], assigned }));
    for (;;) {
      const [partition] = owned;
      if (partition) return partition;
      await this.simulation.pass(100);
    }
  }

  async run(log = this.log, signal = new AbortController().signal) {
    const partition = await this.partition();
    return await this.simulation.drive(takeOver(log, 'lot', partition, 'mine', signal));
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

describe('an owner that begins', () => {
  it('knows of nothing where nothing was committed and nothing is parked, and has claimed', async () => {
    const begin = new Begin();
    const { claim, commit, state, seen, rest, next, isLotLost, claimedAt } = await begin.owner();
    assert.deepEqual([claim, next, rest.length, seen.size, isLotLost], [0, 1, 0, 0, false]);
    assert.deepEqual(commit, { position: 0, top: 0, holes: [], lot: LOT_START, by: -1 });
    assert.deepEqual([state.claim, state.seq, state.entries.size], [0, 1, 0]);
    assert.equal(claimedAt, begin.broker.partition('lot', 0).history[0]?.timestamp);
  });

  it('takes up what former owners wrote and has not come to its end, and has seen all that they spoke of', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    const signed = (seq: number) => ({ claim, seq });
    begin.write({ ...park(3), ...signed(1) }, { ...park(5), ...signed(2) }, { type: 'done', event: 5, ...signed(3) });
    // Neither what an owner wrote that was none any more, nor a repeat, nor what is no record at all.
    begin.write({ ...park(9), claim: claim - 1, seq: 1 }, { ...park(8), ...signed(2) });
    begin.write({ type: 'command', verb: 'redrive', event: 4, generation: 1, letter: 0 } as LotRecord);
    begin.broker.append('lot', [{ key: null, partition: 0, headers: {}, value: Buffer.from('?') }], 'somebody');
    const { state, seen, claim: mine } = await begin.owner();
    assert.deepEqual([...seen], [3, 5]);
    assert.deepEqual([...state.entries.keys()], [3]);
    assert.equal(state.commands.size, 1);
    assert.deepEqual([state.claim, state.seq], [mine, 1]);
  });

  it('begins where the commit says that the parking log is needed from', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    const [, second] = begin.write({ ...park(3), claim, seq: 1 }, { ...park(5), claim, seq: 2 });
    begin.committed({ position: 4, lot: { offset: second ?? -1, claim, seq: 2 }, by: claim });
    const { state, seen, commit } = await begin.owner();
    assert.deepEqual([[...state.entries.keys()], [...seen]], [[5], [5]]);
    assert.equal(commit.position, 4);
  });

  it('leaves what comes behind its claim to whoever reads on', async () => {
    const begin = new Begin();
    begin.onClaim = claim => void begin.write({ ...park(3), claim, seq: 1 }, { ...park(4), claim, seq: 2 });
    const { claim, rest, next, seen, reader, state } = await begin.owner();
    assert.deepEqual([rest.map(({ offset }) => offset), next], [[claim + 1, claim + 2], claim + 3]);
    assert.deepEqual([seen.size, state.entries.size], [0, 0]);
    const [last] = begin.write({ ...park(5), claim, seq: 3 });
    const { records } = await begin.simulation.drive(reader.next({ maxRecords: 10, maxBytes: 1e6 }));
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [last],
    );
  });

  it('reads on until it has come to its claim, in however many parts', async () => {
    const begin = new Begin();
    begin.broker.faults = { ...NO_LOG_FAULTS, readStale: 1 };
    const claim = begin.claim();
    for (let seq = 1; seq <= 20; seq++) begin.write({ ...park(seq), claim, seq });
    const { seen, state } = await begin.owner();
    assert.deepEqual([seen.size, state.entries.size], [20, 20]);
  });

  it('does not go on once it is told to end, after its claim or after it has asked for the commit', async () => {
    for (const when of ['claimed', 'asked'] as const) {
      const begin = new Begin();
      const controller = new AbortController();
      const log: EventLog = Object.assign(Object.create(begin.log), {
        async append(...args: Parameters<EventLog['append']>) {
          const places = await begin.log.append(...args);
          if (when === 'claimed') controller.abort(new Error('it ends'));
          return places;
        },
        async bounds(topic: string) {
          assert.equal(when, 'asked', 'it went on');
          controller.abort(new Error('it ends'));
          return await begin.log.bounds(topic);
        },
        close: () => begin.log.close(),
      });
      await assert.rejects(begin.run(log, controller.signal), /it ends/);
    }
  });
});

describe('an owner that is too late', () => {
  it('is told so by a commit under a newer claim', async () => {
    const begin = new Begin();
    begin.claim();
    begin.onClaim = () => begin.committed({ position: 1, by: begin.claim('newer') });
    assert.equal(await begin.tooLate(), 'a commit was made under the newer claim 2');
  });

  it('is told so where its claim was trimmed away, and not where it is the first that is left', async () => {
    const late = new Begin();
    late.onClaim = claim => {
      late.claim('newer');
      late.trim(claim + 1);
    };
    assert.equal(await late.tooLate(), 'its claim has been trimmed away by a newer owner');
    const first = new Begin();
    first.claim();
    first.onClaim = claim => first.trim(claim);
    assert.equal((await first.owner()).claim, 1);
  });

  it('is told so where another record is where it was told that its claim is', async () => {
    const writes: readonly ((begin: Begin) => void)[] = [
      begin => begin.write({ ...park(3), claim: 1, seq: 1 }),
      begin => begin.claim('another'),
      ({ broker }) =>
        broker.append('lot', [{ key: null, partition: 0, headers: {}, value: Buffer.from('?') }], 'somebody'),
    ];
    for (const write of writes) {
      const begin = new Begin();
      begin.claim();
      begin.onClaim = () => write(begin);
      const log: EventLog = Object.assign(Object.create(begin.log), {
        append: async (...args: Parameters<EventLog['append']>) =>
          (await begin.log.append(...args)).map(({ partition, offset }) => ({ partition, offset: offset + 1 })),
        bounds: (topic: string) => begin.log.bounds(topic),
      });
      assert.deepEqual(await begin.run(log), { superseded: 'its claim is not in the lot at 2' });
    }
  });

  it('is told so where there is nothing at its claim, and something behind', async () => {
    const begin = new Begin();
    begin.claim();
    const log: EventLog = Object.assign(Object.create(begin.log), {
      append: async (...args: Parameters<EventLog['append']>) =>
        (await begin.log.append(...args)).map(({ partition, offset }) => ({ partition, offset: offset - 0.5 })),
      bounds: (topic: string) => begin.log.bounds(topic),
    });
    assert.deepEqual(await begin.run(log), { superseded: 'its claim is not in the lot at 0.5' });
  });
});

describe('a commit and a parking log that do not belong together', () => {
  const told = { lot: { offset: 2, claim: 1, seq: 2 }, position: 4, top: 9, holes: [4, 6] };

  it('are of two parking logs where the commit speaks of what is not there: all that is there is read', async () => {
    for (const [wrong, isOther] of [
      [{ by: 2 }, true],
      [{ by: 3 }, true],
      [{ by: 1, lot: { ...told.lot, offset: 3 } }, true],
      [{ by: 1 }, false],
      [{ by: 1, lot: { ...told.lot, offset: 1 } }, false],
    ] as const) {
      const begin = new Begin();
      // Its end is 2 when the owner asks, its claim included.
      begin.claim();
      begin.committed({ ...told, ...wrong });
      const { commit } = await begin.owner();
      assert.deepEqual([commit.by, commit.lot === LOT_START], isOther ? [-1, true] : [1, false], JSON.stringify(wrong));
      assert.deepEqual([commit.position, commit.holes], [4, [4, 6]], 'what was done stays done');
    }
  });

  it('are told of as lost where the parking log was made again since an owner has committed, and only then', async () => {
    for (const [by, isLost] of [
      [0, true],
      [-1, false],
    ] as const) {
      const begin = new Begin();
      begin.claim();
      begin.committed({ position: 2, by });
      begin.broker.deleteTopic('lot');
      begin.broker.ensureTopic('lot', { partitions: 1 });
      const { isLotLost, claim, commit } = await begin.owner();
      assert.deepEqual([isLotLost, claim, commit.lot.offset, commit.position], [isLost, LIFE, LIFE, 2]);
    }
    const trimmed = new Begin();
    trimmed.claim();
    const second = trimmed.claim();
    trimmed.committed({ position: 2, by: 0 });
    trimmed.trim(second);
    assert.equal((await trimmed.owner()).isLotLost, false, 'what was trimmed is not lost');
  });

  it('are brought together by the checkpoint of the claim that a trimmed parking log begins with', async () => {
    const begin = new Begin();
    const before = begin.claim();
    begin.write({ ...park(3), claim: before, seq: 1 });
    const claim = begin.claim('anew', { position: 5, top: 8, holes: [5] });
    begin.write({ ...park(7), claim, seq: 1 });
    begin.committed({ position: 4, top: 6, holes: [4], by: before });
    begin.trim(claim);
    const { commit, state, seen } = await begin.owner();
    assert.deepEqual([commit.position, commit.top, commit.holes], [8, 8, []]);
    assert.equal(commit.lot.offset, claim);
    assert.deepEqual([[...state.entries.keys()], [...seen]], [[7], [7]]);
  });

  it('begin at the new start where the parking log was trimmed while it was read', async () => {
    const begin = new Begin();
    const former = begin.claim();
    begin.write({ ...park(3), claim: former, seq: 1 });
    const partition = await begin.partition();
    let reads = 0;
    const open: OwnedPartition['open'] = (topic, from) => {
      const reader = partition.open(topic, from);
      const next: typeof reader.next = async (limits, signal) => {
        // The former owner comes to its end between two reads.
        if (reads++ === 1) begin.trim(begin.claimAnew);
        return await reader.next({ ...limits, maxRecords: 1 }, signal);
      };
      return { next, close: () => reader.close() };
    };
    const followed: OwnedPartition = Object.assign(Object.create(partition), {
      partition: 0,
      open,
      committed: () => partition.committed(),
    });
    begin.claimAnew = begin.claim('anew', { position: 4, top: 4, holes: [] });
    const running = takeOver(begin.log, 'lot', followed, 'mine', new AbortController().signal);
    const taken = await begin.simulation.drive(running);
    assert.ok('claim' in taken);
    assert.deepEqual([[...taken.state.entries.keys()], taken.commit.position], [[], 4]);
  });
});

describe('a parking log that was trimmed', () => {
  it('begins anew where its start lies behind what was read, and not before', () => {
    assert.deepEqual([isRestart(3, 4), isRestart(4, 4), isRestart(5, 4)], [true, false, false]);
  });

  it('lets the commit stand where no claim with a checkpoint is its first record', () => {
    const commit: Commit = { position: 4, top: 6, holes: [4], lot: LOT_START, by: 1 };
    const expected = { ...commit, lot: { ...LOT_START, offset: 9 } };
    for (const first of [
      undefined,
      { type: 'claim', nonce: 'n' } as const,
      { ...park(3), claim: 0, seq: 1 } as LotRecord,
    ])
      assert.deepEqual(restart(commit, 9, first), expected);
  });
});
