// The order in which redrives come to the parking log: as they were asked for, and where there is
// no room, what needs none goes first.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RedriveQueue } from '../../../../worker/dispatch/commands/redrive-queue.ts';
import type { OpenCommand } from '../../../../worker/parking-log/fold-parking-log.ts';

class Line {
  readonly commands = new Map<number, OpenCommand>();
  readonly held = new Set<number>();
  readonly begun: number[] = [];
  hasRoom = true;
  readonly line = new RedriveQueue({
    commands: this.commands,
    isHeld: event => this.held.has(event),
    hasRoom: () => this.hasRoom,
    begin: offset => void this.begun.push(offset),
  });

  /** A redrive at that offset, of the event of the same number. */
  open(offset: number, { acted = false, held = false } = {}): void {
    const command = { type: 'command', verb: 'redrive', event: offset, generation: 1 } as const;
    this.commands.set(offset, { command, acted, mark: { offset, claim: 0, seq: 1 } });
    if (held) this.held.add(offset);
  }

  add(...offsets: readonly number[]): void {
    for (const offset of offsets) {
      if (!this.commands.has(offset)) this.open(offset);
      this.line.add(offset);
    }
  }

  /** What has begun since it was asked last. */
  take(): number[] {
    return this.begun.splice(0);
  }

  pass(offset: number): void {
    this.open(offset, { acted: true });
    this.line.pass(offset);
  }
}

describe('the line of redrives', () => {
  it('begins one after the other, each when the one before is in the parking log', () => {
    const line = new Line();
    line.add(1, 2, 3);
    assert.deepEqual(line.take(), [1]);
    assert.deepEqual(line.line.first(2), [1, 2]);
    line.pass(1);
    assert.deepEqual(line.take(), [2]);
    line.pass(2);
    line.pass(3);
    assert.deepEqual(line.take(), [3]);
    assert.deepEqual(line.line.first(5), []);
    line.add(4);
    assert.deepEqual(line.take(), [4]);
  });

  it('is not moved by what is not its first', () => {
    const line = new Line();
    line.add(1, 2);
    line.pass(2);
    assert.deepEqual(line.line.first(5), [1, 2]);
    assert.deepEqual(line.take(), [1]);
    line.pass(1);
    assert.deepEqual([line.line.first(5), line.take()], [[], []], 'what has passed already does not begin again');
  });

  it('passes over what is no command any more', () => {
    const line = new Line();
    line.add(1, 2, 3);
    line.commands.delete(2);
    line.take();
    line.pass(1);
    assert.deepEqual(line.take(), [3]);
  });

  it('lets the first wait for room, and begins it again when there is some', () => {
    const line = new Line();
    line.add(1, 2);
    assert.equal(line.line.mayEnter(1), true);
    line.take();
    line.line.look();
    assert.deepEqual(line.take(), [], 'it does not wait');
    line.hasRoom = false;
    assert.equal(line.line.mayEnter(1), false);
    line.line.look();
    assert.deepEqual(line.take(), []);
    line.hasRoom = true;
    line.line.look();
    line.line.look();
    assert.deepEqual(line.take(), [1], 'once');
    assert.equal(line.line.mayEnter(1), true);
  });

  it('lets others in that have begun: only the first can wait', () => {
    const line = new Line();
    line.add(1, 2);
    line.hasRoom = false;
    assert.equal(line.line.mayEnter(2), true);
  });

  it('lets in what is held, or has acted already, though there is no room', () => {
    for (const how of [{ held: true }, { acted: true }]) {
      const line = new Line();
      line.open(1, how);
      line.add(1);
      line.hasRoom = false;
      assert.equal(line.line.mayEnter(1), true);
    }
  });

  it('begins what needs no room while the first waits for some, also what comes then', () => {
    const line = new Line();
    line.open(2, { held: true });
    line.open(4, { acted: true });
    line.add(1, 2, 3, 4);
    line.take();
    line.hasRoom = false;
    assert.equal(line.line.mayEnter(1), false);
    assert.deepEqual(line.take(), [2, 4]);
    line.open(5, { held: true });
    line.add(5, 6);
    assert.deepEqual(line.take(), [5]);
  });

  it('lets what is no command any more wait for room like all others', () => {
    const line = new Line();
    line.add(1);
    line.commands.delete(1);
    line.hasRoom = false;
    assert.equal(line.line.mayEnter(1), false);
  });

  it('begins nothing out of turn while nobody waits for room', () => {
    const line = new Line();
    line.open(2, { held: true });
    line.add(1, 2);
    assert.deepEqual(line.take(), [1]);
  });

  it('tells what waited for room that another one has done the same', () => {
    const line = new Line();
    line.add(1, 2);
    line.hasRoom = false;
    line.line.mayEnter(1);
    line.take();
    line.pass(1);
    assert.deepEqual(line.take(), [1, 2]);
    line.hasRoom = true;
    line.line.look();
    assert.deepEqual(line.take(), [], 'nobody waits any more');
  });

  it('whatever happens: begins each in the end, and lets in by their order all that need room', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.array(fc.boolean()), (held, rooms) => {
        const line = new Line();
        const entered: number[] = [];
        for (const [offset, isHeld] of held.entries()) line.open(offset, { held: isHeld });
        const enter = () => {
          for (let offset = line.begun.shift(); offset !== undefined; offset = line.begun.shift()) {
            if (entered.includes(offset) || !line.line.mayEnter(offset)) continue;
            entered.push(offset);
            line.pass(offset);
          }
        };
        held.forEach((_, offset) => {
          line.hasRoom = rooms[offset] ?? true;
          line.add(offset);
          enter();
        });
        line.hasRoom = true;
        line.line.look();
        enter();
        assert.deepEqual(
          [...entered].sort(),
          held.map((_, offset) => offset),
        );
        const needed = entered.filter(offset => !held[offset]);
        assert.deepEqual(needed, [...needed].sort());
      }),
    );
  });
});
