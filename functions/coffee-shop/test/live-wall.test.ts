// The page of the live wall: what its script makes of the events of a View.
import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import { call } from 'tenfold/testing';
import screens from '../screens.ts';

/** What the script uses of a browser. */
class Element {
  textContent = '';
  children: Element[] = [];
  replaceChildren(...children: Element[]): void {
    this.children = children;
  }
}

class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static readonly opened: Stream[] = [];
  readonly url: string;
  readyState = 1;
  constructor(url: string) {
    super();
    this.url = url;
    Stream.opened.push(this);
  }
  tell(name: string, data: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }
}

const order = (key: string, ...names: string[]) => ({
  key,
  value: { order: key, toMake: names.map(name => ({ name, guest: '<Ada>', table: '4' })) },
});

describe('the live wall', () => {
  const byId: Record<string, Element> = { '#orders': new Element(), '#state': new Element() };
  const timers: (() => void)[] = [];
  const lines = () => byId['#orders']?.children.map(({ textContent }) => textContent);
  const stream = () => Stream.opened.at(-1) ?? assert.fail('It follows nothing.');
  let page: { status: number; headers: Record<string, unknown>; body: unknown };

  before(async () => {
    page = await call(screens, { path: '/wall/live' });
    const [, script = assert.fail('no script')] = /<script>([\s\S]*)<\/script>/.exec(String(page.body)) ?? [];
    const document = { querySelector: (id: string) => byId[id], createElement: () => new Element() };
    const setTimeout = (again: () => void) => timers.push(again);
    runInContext(script, createContext({ document, EventSource: Stream, setTimeout }));
  });

  it('is a page that follows the View beside it', () => {
    assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.equal(stream().url, 'orders?index=takenAt&limit=50');
  });

  it('shows the rows, and puts each change in its place', () => {
    stream().tell('open');
    stream().tell('rows', { items: [order('a', 'V60', 'Cookie'), order('b', 'Espresso')] });
    assert.deepEqual(lines(), ['<Ada> at 4: V60, Cookie', '<Ada> at 4: Espresso']);
    const items = [
      { at: 0, ...order('c', 'Tea') },
      { at: 1, ...order('b', 'Mocha') },
    ];
    stream().tell('change', { removed: ['a'], items });
    assert.deepEqual(lines(), ['<Ada> at 4: Tea', '<Ada> at 4: Mocha']);
    stream().tell('rows', { items: [order('d', 'V60')], reason: 'anew' });
    assert.deepEqual(lines(), ['<Ada> at 4: V60']);
    assert.equal(byId['#state']?.textContent, 'live');
  });

  it('leaves a lost connection to the browser, and follows again where the browser gives up', () => {
    stream().tell('error');
    assert.deepEqual([byId['#state']?.textContent, timers.length], ['connecting', 0]);
    stream().readyState = Stream.CLOSED;
    stream().tell('error');
    timers.pop()?.();
    assert.equal(Stream.opened.length, 2);
  });
});
