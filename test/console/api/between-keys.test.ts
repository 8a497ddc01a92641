// News of the platform beside somebody who types: they wait for the moment behind a key, and not
// for ever.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const KEY_EVERY_MS = 50;
/** Its types are those of browsers. */
const MODULE: string = '../../../console/api/between-keys.ts';

describe('news while somebody types', () => {
  let press: () => void;
  let betweenKeys: (act: () => void) => void;
  let release: () => void;
  const kept = { ...globalThis };
  before(async () => {
    // What a browser has.
    Object.assign(globalThis, {
      addEventListener: (_name: string, heard: () => void) => {
        press = heard;
      },
      requestAnimationFrame: (act: () => void) => setTimeout(act, 1),
      cancelAnimationFrame: (frame: NodeJS.Timeout) => clearTimeout(frame),
    });
    const module = await import(MODULE);
    ({ betweenKeys, release } = module);
    module.hearKeys();
  });
  after(() => {
    for (const name of ['addEventListener', 'requestAnimationFrame', 'cancelAnimationFrame'])
      if (name in kept) Object.assign(globalThis, { [name]: Reflect.get(kept, name) });
      else Reflect.deleteProperty(globalThis, name);
  });

  it('come at once where nobody does', () => {
    const came: string[] = [];
    betweenKeys(() => came.push('news'));
    assert.deepEqual(came, ['news']);
  });

  it('wait behind a key, and come in their order when no more follows', async () => {
    const came: string[] = [];
    press();
    betweenKeys(() => came.push('one'));
    betweenKeys(() => came.push('two'));
    assert.deepEqual(came, []);
    await sleep(1_000);
    assert.deepEqual(came, ['one', 'two']);
  });

  it('come behind the next key, and with what it draws', async () => {
    const came: string[] = [];
    press();
    betweenKeys(() => came.push('one'));
    press();
    assert.deepEqual(came, []);
    release();
    assert.deepEqual(came, ['one']);
    await sleep(1_000);
    assert.deepEqual(came, ['one'], 'once');
  });

  it('wait no longer than some seconds, however many keys follow', async () => {
    const came: string[] = [];
    press();
    betweenKeys(() => came.push('news'));
    const began = performance.now();
    while (came.length === 0) {
      press();
      await sleep(1);
      if (performance.now() - began > 60_000) assert.fail('the news never came');
      await sleep(performance.now() - began > 1_500 ? KEY_EVERY_MS : 0);
    }
  });
});
