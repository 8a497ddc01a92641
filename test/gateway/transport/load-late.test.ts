// A transport that is loaded with the first request that needs it.
import assert from 'node:assert/strict';
import { loadLate } from '../../../gateway/transport/load-late.ts';
import type { Transport } from '../../../gateway/transport/transport.ts';
import { sendTo } from '../../contract/transport/send-to.ts';

function answering(): Transport & { readonly ended: string[] } {
  const control = { pause() {}, resume() {}, abort() {} };
  const ended: string[] = [];
  return {
    ended,
    send(_request, handler) {
      handler.onRequestStart(control);
      handler.onResponseStart(control, 200);
      handler.onResponseEnd(control);
    },
    close: async () => void ended.push('close'),
    destroy: async () => void ended.push('destroy'),
  };
}

describe('a transport that is loaded late', () => {
  const origin = 'https://shop.example';

  it('is loaded once, by the first request, and never without one', async () => {
    let loads = 0;
    const inner = answering();
    const transport = loadLate(async () => {
      loads++;
      return inner;
    });
    assert.equal(loads, 0);
    const all = await Promise.all([sendTo(transport, { origin }), sendTo(transport, { origin })]);
    assert.deepEqual(
      [...all, await sendTo(transport, { origin })].map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(loads, 1);
    await transport.destroy();
    assert.deepEqual(inner.ended, ['destroy']);
  });

  it('fails the request when it cannot be loaded, and is tried again by the next', async () => {
    let loads = 0;
    const transport = loadLate(async () => {
      if (++loads === 1) throw new Error('not today');
      return answering();
    });
    assert.equal((await sendTo(transport, { origin })).error?.message, 'not today');
    assert.equal((await sendTo(transport, { origin })).status, 200);
  });

  it('sends nothing once it is closed, and loads nothing to be closed', async () => {
    let loads = 0;
    const transport = loadLate(async () => {
      loads++;
      return answering();
    });
    await transport.close();
    assert.ok((await sendTo(transport, { origin })).error);
    assert.equal(loads, 0);
  });
});
