// What a process says to its debugger is read along, in whatever pieces it comes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PauseReader } from '../../../../../drivers/function-host/local/debug/pause-reader.ts';

const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';
const PAUSED = '{"method":"Debugger.paused","params":{"callFrames":[]}}';
const RESUMED = '{"method":"Debugger.resumed","params":{}}';

/** As a server frames a text: with the shortest length that holds it. */
function frame(text: string, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  const isShort = length < 65_536;
  const head = Buffer.alloc(isShort ? 4 : 10);
  head.set([0x80 | opcode, isShort ? 126 : 127]);
  head.writeUInt32BE(length, head.length - 4);
  if (isShort) head.set([0x80 | opcode, 126, length >> 8, length & 255]);
  return Buffer.concat([head, payload]);
}

function readAll(parts: readonly Buffer[]): boolean {
  const reader = new PauseReader();
  for (const part of parts) reader.push(part);
  return reader.paused;
}

describe('a reader of what a debugger is told', () => {
  const head = Buffer.from(UPGRADED);
  const answer = (length: number) => frame(`{"id":1,"result":"${'x'.repeat(length)}"}`);
  const rows: [name: string, parts: Buffer[], paused: boolean][] = [
    ['nothing yet', [head], false],
    ['a pause', [head, frame(PAUSED)], true],
    ['a pause that is over', [head, frame(PAUSED), frame(RESUMED)], false],
    ['a pause after another', [head, frame(PAUSED), frame(RESUMED), frame(PAUSED)], true],
    ['answers of every length before', [head, ...[0, 100, 107, 108, 70_000].map(answer), frame(PAUSED)], true],
    ['a long pause', [head, frame(PAUSED.replace('[]', `["${'x'.repeat(70_000)}"]`)), answer(3)], true],
    ['frames that are no text', [head, frame('', 9), frame(PAUSED, 2), frame('', 10)], false],
    ['an answer that speaks of a pause', [head, frame(`{"id":1,"result":${PAUSED}}`)], false],
    ['an answer to a question for targets', [Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), frame(PAUSED)], false],
    ['a head without an end', [Buffer.alloc(20_000, 'x'), head, frame(PAUSED)], false],
  ];
  for (const [name, parts, paused] of rows)
    it(`knows after ${name}: ${paused ? 'it is paused' : 'it is not'}`, () => assert.equal(readAll(parts), paused));

  it('finds the same in whatever pieces it comes', () => {
    const text = fc.constantFrom(PAUSED, RESUMED, '{"id":7}', `{"id":8,"result":"${'ü'.repeat(200)}"}`);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (texts, cuts) => {
        const whole = Buffer.concat([head, ...texts.map(one => frame(one))]);
        const places = [0, ...cuts.map(cut => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const parts = places.slice(1).map((end, index) => whole.subarray(places[index], end));
        const last = texts.findLast(one => one === PAUSED || one === RESUMED);
        assert.equal(readAll(parts), last === PAUSED);
      }),
    );
  });
});
