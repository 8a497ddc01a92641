// When an owner commits, and what: nothing twice without need, nothing that forgets what was
// told, and never two at a time.
import assert from 'node:assert/strict';
import type { OwnedPartition, Position } from '../../../../drivers/event-log/event-log.ts';
import { Committer } from '../../../../worker/dispatch/writes/committer.ts';
import { type Commit, composeCommit } from '../../../../worker/parking-log/commit.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const commitOf = (position: number, some: Partial<Commit> = {}): Commit => ({
  position,
  top: position,
  holes: [],
  parkingLog: { offset: 3, claim: 2, seq: 1 },
  by: 2,
  ...some,
});

class Committing {
  readonly world = createFakeWorld();
  readonly controller = new AbortController();
  readonly made: Position[] = [];
  readonly told: [Commit, number][] = [];
  readonly trouble: unknown[] = [];
  done = commitOf(1);
  /** In place of the log. */
  answer: () => Promise<void> = async () => {};
  readonly committer: Committer;

  constructor(metadataBytes = 4096, begun = commitOf(0)) {
    const partition: Pick<OwnedPartition, 'commit'> = {
      commit: position => {
        this.made.push(position);
        return this.answer();
      },
    };
    this.committer = new Committer({
      world: this.world,
      partition: partition as OwnedPartition,
      metadataBytes,
      signal: this.controller.signal,
      begun,
      gather: () => this.done,
      committed: (commit, bytes) => this.told.push([commit, bytes]),
      trouble: error => this.trouble.push(error),
    });
  }

  offsets(): number[] {
    return this.made.map(({ offset }) => offset);
  }
}

describe('commits of an owner', () => {
  it('tell all that is done, and how large that is', async () => {
    const committing = new Committing();
    committing.done = commitOf(5, { top: 9, holes: [5, 7] });
    await committing.committer.commit();
    const { position } = composeCommit(committing.done);
    assert.deepEqual(committing.made, [position]);
    assert.deepEqual(committing.told, [[committing.done, position.metadata.length]]);
  });

  it('are made again only when something has changed, or after half a minute', async () => {
    const committing = new Committing();
    await committing.committer.commit();
    await committing.world.pass(29_999);
    await committing.committer.commit();
    assert.deepEqual(committing.offsets(), [1]);
    await committing.world.pass(1);
    await committing.committer.commit();
    await committing.committer.commit();
    assert.deepEqual(committing.offsets(), [1, 1]);
    committing.done = commitOf(2);
    await committing.committer.commit();
    assert.deepEqual(committing.offsets(), [1, 1, 2]);
    committing.done = commitOf(2, { parkingLog: { offset: 9, claim: 2, seq: 4 } });
    await committing.committer.commit();
    assert.deepEqual(committing.offsets(), [1, 1, 2, 2]);
  });

  it('that failed are told, and made again at once the next time', async () => {
    const committing = new Committing();
    committing.answer = () => Promise.reject(new Error('no'));
    await committing.committer.commit();
    assert.match(String(committing.trouble), /no/);
    assert.deepEqual(committing.told, []);
    committing.answer = async () => {};
    await committing.committer.commit();
    assert.equal(committing.made.length, 2);
    assert.equal(committing.told.length, 1);
  });

  it('are made one at a time; the last one of all is of what is done then', async () => {
    const committing = new Committing();
    let answered = () => {};
    committing.answer = () =>
      new Promise(resolve => {
        answered = resolve;
      });
    const first = committing.committer.commit();
    const same = committing.committer.commit();
    committing.done = commitOf(2);
    const last = committing.committer.commitLast();
    assert.deepEqual(committing.offsets(), [1]);
    committing.answer = async () => {};
    answered();
    await Promise.all([first, same, last]);
    assert.deepEqual(committing.offsets(), [1, 2]);
  });

  it('are not made, nor failures of them told, by an owner that is none any more', async () => {
    const committing = new Committing();
    committing.answer = async () => {
      committing.controller.abort();
      throw new Error('it belongs to another one');
    };
    await committing.committer.commit();
    await committing.committer.commit();
    assert.deepEqual([committing.made.length, committing.trouble], [1, []]);
  });

  describe('that cannot tell all holes', () => {
    const mark = (offset: number) => ({ offset, claim: 2, seq: 1 });
    /** So large that only some of its holes can be told. */
    const wide = (parkingLog: number) =>
      commitOf(10, {
        top: 5_000,
        holes: Array.from({ length: 40 }, (_, at) => 10 + at * 100),
        parkingLog: mark(parkingLog),
      });

    it('keep the parking log as of the last one that told all', async () => {
      const committing = new Committing(70, commitOf(0, { parkingLog: mark(1) }));
      committing.done = commitOf(4, { parkingLog: mark(2) });
      await committing.committer.commit();
      committing.done = wide(7);
      await committing.committer.commit();
      const [, partial] = committing.made;
      assert.match(partial?.metadata ?? '', / parked=2 /);
      assert.equal(committing.told[1]?.[0].parkingLog.offset, 2);
      assert.ok((partial?.metadata.length ?? 0) <= 70);
    });

    it('keep it as of the beginning where none has told all since', async () => {
      const committing = new Committing(70, commitOf(0, { parkingLog: mark(1) }));
      committing.done = wide(7);
      await committing.committer.commit();
      assert.match(committing.made[0]?.metadata ?? '', / parked=1 /);
    });

    it('are not made where they would forget what the last whole one told, and are where they tell just as much', async () => {
      const { told } = composeCommit(wide(1), 70);
      const top = wide(1).holes[told] ?? 0;
      for (const [before, made] of [
        [top + 1, 0],
        [top, 1],
        [top - 1, 1],
      ] as const) {
        const committing = new Committing(70, commitOf(0, { top: before, parkingLog: mark(1) }));
        committing.done = wide(1);
        await committing.committer.commit();
        assert.equal(committing.made.length, made, `${before}`);
      }
    });
  });
});
