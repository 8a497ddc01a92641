// Work that is waited for until a signal: whichever comes first counts, and nothing
// that fails is left to nobody.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { unlessAborted } from '../../core/unless-aborted.ts';

describe('unlessAborted', () => {
  it('gives what the work gives', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(7), signal), 7);
    await assert.rejects(unlessAborted(Promise.reject(new Error('broken')), signal), { message: 'broken' });
  });

  for (const when of ['before', 'meanwhile'])
    it(`rejects with the reason of a signal that aborts ${when}, and takes what fails later as no error of its own`, async () => {
      const abort = new AbortController();
      const { promise, reject } = Promise.withResolvers<number>();
      const unhandled: unknown[] = [];
      const note = (error: unknown) => unhandled.push(error);
      process.on('unhandledRejection', note);
      try {
        if (when === 'before') abort.abort(new Error('enough'));
        const waited = unlessAborted(promise, abort.signal);
        abort.abort(new Error('enough'));
        await assert.rejects(waited, { message: 'enough' });
        reject(new Error('the connection was ended here'));
        await setImmediate();
        assert.deepEqual(unhandled, []);
      } finally {
        process.off('unhandledRejection', note);
      }
    });
});
