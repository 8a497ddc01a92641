// What a function's process says is believed only as far as the runtime would say it: the code of
// users has the same channel.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseHostMessage } from '../../../../drivers/function-host/local/host-message.ts';

describe('a message of a function’s process', () => {
  it('is taken as the runtime says it', () => {
    assert.deepEqual(parseHostMessage({ type: 'ready', port: 80, files: ['/a'] }), {
      type: 'ready',
      port: 80,
      files: ['/a'],
    });
    assert.deepEqual(parseHostMessage({ type: 'files', files: ['/a'] }), { type: 'files', files: ['/a'] });
    assert.deepEqual(parseHostMessage({ type: 'debugger', port: 9229 }), { type: 'debugger', port: 9229 });
    const described = { type: 'described', index: 0, loads: true, routes: ['GET /'] };
    assert.deepEqual(parseHostMessage(described), described);
    const error = { message: 'no', stack: 's', file: '/a', line: 1, column: 2 };
    const failed = parseHostMessage({ type: 'failed', error: { ...error, files: ['/a'] } });
    assert.deepEqual(failed, { type: 'failed', error, files: ['/a'] });
  });

  it('leads to a port of this machine, and nowhere else', () => {
    for (const port of [0, -1, 1.5, 65_536, '80', '80@evil.test', Number.NaN, null, undefined, {}])
      for (const type of ['ready', 'debugger']) assert.equal(parseHostMessage({ type, port, files: [] }), undefined);
  });

  it('throws nothing, whatever it is, and has texts where texts are looked for', () => {
    const like = fc.record(
      {
        type: fc.constantFrom('ready', 'debugger', 'described', 'files', 'failed', 'other'),
        port: fc.anything(),
        index: fc.oneof(fc.nat(), fc.anything()),
        files: fc.anything(),
        error: fc.oneof(
          fc.anything(),
          fc.record({ message: fc.anything(), files: fc.anything(), line: fc.anything() }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), like), said => {
        const message = parseHostMessage(said);
        if (message === undefined || message.type === 'debugger') return;
        const texts = message.type === 'described' ? (message.routes ?? []) : message.files;
        assert.ok(texts.every(file => typeof file === 'string'));
        if (message.type === 'failed') assert.equal(typeof message.error.message, 'string');
      }),
    );
  });
});
