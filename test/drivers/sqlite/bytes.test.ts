// What is packed comes out as it went in, and reading beyond the end is an error.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../../drivers/sqlite/bytes.ts';

describe('packing', () => {
  it('gives back numbers, texts and bytes in their order', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 60 }).map(value => value.toWellFormed()));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(255), fc.nat(0xffff_fffe), fc.double(), text, fc.uint8Array())), entries => {
        const out = new ByteWriter(8);
        for (const [small, large, real, word, bytes] of entries) {
          out.u8(small);
          out.u32(large);
          out.f64(real);
          out.text(word);
          out.sized(bytes);
        }
        const reader = new ByteReader(out.memory, 0, out.length);
        for (const entry of entries) {
          const found = [reader.u8(), reader.u32(), reader.f64(), reader.textOrNull(), new Uint8Array(reader.sized())];
          assert.deepEqual(found, entry);
        }
        assert.equal(reader.left, 0);
      }),
    );
  });

  it('does not read beyond the end', () => {
    const reader = new ByteReader(Buffer.from([5, 0, 0, 0, 1]));
    assert.throws(() => reader.sized(), /5 bytes wanted, 1 left/);
  });
});
