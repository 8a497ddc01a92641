// News of the platform beside somebody who types or clicks: they wait for the moment behind a key
// or the end of a press, and not for long.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Its types are those of browsers. */
const MODULE: string = '../../../console/api/between-inputs.ts';
const OF_BROWSERS = ['Element', 'addEventListener', 'requestAnimationFrame'];

class Field {
  matches(selector: string): boolean {
    return selector.includes('input');
  }
}

describe('news while somebody types or clicks', () => {
  const heard = new Map<string, (event: object) => void>();
  let betweenInputs: (act: () => void) => void;
  let release: () => void;
  /** Frames that the browser draws next. */
  let frames: (() => void)[] = [];
  let came: string[];
  const kept = OF_BROWSERS.map(name => [name, Reflect.get(globalThis, name)] as const);
  before(async () => {
    Object.assign(globalThis, {
      Element: Field,
      addEventListener: (name: string, hear: (event: object) => void) => heard.set(name, hear),
      requestAnimationFrame: (act: () => void) => frames.push(act),
    });
    const module = await import(MODULE);
    ({ betweenInputs, release } = module);
    module.hearInputs();
  });
  beforeEach(async () => {
    // The keys of the test before are over.
    await sleep(700);
    [frames, came] = [[], []];
  });
  after(() => {
    for (const [name, value] of kept)
      if (value === undefined) Reflect.deleteProperty(globalThis, name);
      else Reflect.set(globalThis, name, value);
  });

  const press = (key = 'a', target: unknown = new Field()) => heard.get('keydown')?.({ key, target });
  const pointer = (name: 'pointerdown' | 'pointerup' | 'pointercancel') => heard.get(name)?.({});
  const news = (...names: string[]) => {
    for (const name of names) betweenInputs(() => came.push(name));
  };
  const draw = async () => {
    for (const frame of frames.splice(0)) frame();
    await sleep(20);
  };

  it('come at once where nobody does', () => {
    news('one');
    assert.deepEqual(came, ['one']);
  });

  it('come at once behind a key that asks for something, or that is for no field', () => {
    press('Enter');
    press('j', {});
    news('one');
    assert.deepEqual(came, ['one']);
  });

  it('come in their order when no more keys follow, without a frame', async () => {
    press();
    news('one', 'two');
    assert.deepEqual(came, []);
    await sleep(1_000);
    assert.deepEqual(came, ['one', 'two']);
  });

  it('come once the next key and what it finds are drawn', async () => {
    press();
    news('one');
    press();
    await draw();
    assert.deepEqual(came, []);
    await draw();
    assert.deepEqual(came, ['one']);
  });

  it('come with what a key draws, and once', async () => {
    press();
    news('one');
    press();
    release();
    assert.deepEqual(came, ['one']);
    await draw();
    await draw();
    await sleep(1_000);
    assert.deepEqual(came, ['one']);
  });

  for (const end of ['pointerup', 'pointercancel'] as const)
    it(`come once a press and its click are over, by ${end}`, async () => {
      pointer('pointerdown');
      news('one');
      await sleep(1_000);
      assert.deepEqual(came, []);
      pointer(end);
      news('two');
      assert.deepEqual(came, []);
      await sleep(200);
      assert.deepEqual(came, ['one', 'two']);
      news('three');
      assert.deepEqual(came, ['one', 'two', 'three']);
    });

  it('come during a press that is no click', async () => {
    pointer('pointerdown');
    news('one');
    await sleep(2_200);
    assert.deepEqual(came, ['one']);
    pointer('pointerup');
    news('two');
    assert.deepEqual(came, ['one', 'two']);
  });

  it('wait for the end of a press that follows a key', async () => {
    press();
    news('one');
    press();
    pointer('pointerdown');
    await draw();
    await draw();
    await sleep(800);
    assert.deepEqual(came, []);
    pointer('pointerup');
    await sleep(200);
    assert.deepEqual(came, ['one']);
  });
});
