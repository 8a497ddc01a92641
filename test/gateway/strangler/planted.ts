// Services that answer with noise of a chosen kind, and the same with one
// difference planted, from one seed.

export interface Body {
  readonly contentType: string;
  readonly text: string;
}

export interface Scene {
  readonly name: string;
  /** One answer of legacy; drawn anew each time it is asked. */
  legacy(random: () => number, request: number): Body;
  /** The new side: the same, with the difference. */
  fresh(random: () => number, request: number): Body;
}

interface NoiseKind {
  readonly contentType: string;
  /** A document with its noise in it. */
  draw(random: () => number, request: number): Order;
  write(order: Order): string;
}

/** What every kind of document is written from. */
interface Order {
  id: number;
  customer: string;
  total: unknown;
  state: unknown;
  note: string;
  items: { sku: string; count: unknown; price: unknown; at?: unknown }[];
  /** The noise. */
  at?: unknown;
  token?: unknown;
  variant?: unknown;
  ratio?: unknown;
}

const WORDS = 'amber brook cedar dune ember fjord grove heath isle jade'.split(' ');

function base(request: number): Order {
  const items = Array.from({ length: 3 + (request % 4) }, (_, index) => ({
    sku: `${WORDS[(request + index) % WORDS.length]}-${index}`,
    count: 1 + ((request + index) % 5),
    price: 100 + ((request * 37 + index * 11) % 900) / 4,
  }));
  const customer = `${WORDS[request % 10]} ${WORDS[(request * 3) % 10]}`;
  return { id: request, customer, total: items.length * 10.25, state: 'open', note: `order of ${customer}`, items };
}

const moment = (random: () => number) => new Date(1_790_000_000_000 + Math.floor(random() * 1e9)).toISOString();
const token = (random: () => number) =>
  Array.from({ length: 40 }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(random() * 36)]).join('');

const json = (order: Order) => JSON.stringify(order);
const xml = ({ items, ...order }: Order) =>
  `<?xml version="1.0"?>\n<order at="${order.at}" id="${order.id}">${Object.entries(order)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}<items>${items
    .map(({ sku, count, price }) => `<item sku="${sku}"><count>${count}</count><price>${price}</price></item>`)
    .join('')}</items></order>`;
const html = ({ items, ...order }: Order) =>
  `<!doctype html><html><head><title>Order ${order.id}</title><meta name="csrf-token" content="${order.token}"></head><body>
<h1>${order.customer}</h1><p>State: ${order.state}<p>Total <b>${order.total}</b>, ${order.note}
<form action="/orders"><input type=hidden name=csrf value="${order.token}"><input name=id value="${order.id}"></form>
<ul>${items.map(({ sku, count, price }) => `<li>${sku}<span>${count}</span> <em>${price}</em>`).join('\n')}</ul>
<script nonce="${order.token}">start(${JSON.stringify(order.state)})</script></body></html>`;
const lines = ({ items, ...order }: Order) =>
  [
    `# written ${order.at}`,
    ...Object.entries(order).flatMap(([name, value]) => (name === 'at' ? [] : [`${name}: ${value}`])),
    ...items.map(({ sku, count, price }) => `${sku}; ${count}; ${price}`),
  ].join('\n');

const noiseKinds: Readonly<Record<string, NoiseKind>> = {
  none: { contentType: 'application/json', draw: (_random, request) => base(request), write: json },
  'timestamps in a JSON list': {
    contentType: 'application/json',
    draw(random, request) {
      const order = base(request);
      for (const item of order.items) item.at = moment(random);
      return { ...order, at: moment(random) };
    },
    write: json,
  },
  'a token in HTML': {
    contentType: 'text/html; charset=utf-8',
    draw: (random, request) => ({ ...base(request), token: token(random) }),
    write: html,
  },
  'a field that is A or B': {
    contentType: 'application/json',
    draw: (random, request) => ({ ...base(request), variant: random() < 0.5 ? 'A' : 'B' }),
    write: json,
  },
  'a field that is there now and then': {
    contentType: 'application/json',
    draw: (random, request) => ({ ...base(request), ...(random() < 0.3 ? { token: token(random) } : {}) }),
    write: json,
  },
  'a list in any order': {
    contentType: 'application/json',
    draw(random, request) {
      const order = base(request);
      return {
        ...order,
        items: order.items
          .map(item => ({ item, by: random() }))
          .sort((a, b) => a.by - b.by)
          .map(({ item }) => item),
      };
    },
    write: json,
  },
  'floats that differ in their last digits': {
    contentType: 'application/json',
    draw: (random, request) => ({ ...base(request), ratio: 1 / 3 + (random() < 0.5 ? 0 : 5e-17) }),
    write: json,
  },
  'dates in XML': {
    contentType: 'application/xml',
    draw: (random, request) => ({ ...base(request), at: moment(random) }),
    write: xml,
  },
  'a date in plain text': {
    contentType: 'text/plain',
    draw: (random, request) => ({ ...base(request), at: moment(random) }),
    write: lines,
  },
};

type Fault = (order: Order, request: number) => unknown;

const put =
  (values: Partial<Order>): Fault =>
  order =>
    Object.assign(order, values);
const putInItems =
  (values: object): Fault =>
  ({ items }) =>
    items.map(item => Object.assign(item, values));
const putInLast =
  (values: object): Fault =>
  ({ items }) =>
    Object.assign(items.at(-1) ?? {}, values);
const nowAndThen =
  (every: number, fault: Fault): Fault =>
  (order, request) =>
    request % every === 0 && fault(order, request);

/** What a new side gets wrong, always or for some requests. */
const faults: readonly Fault[] = [
  put({ total: -1 }),
  order => Object.assign(order, { total: `${order.total} EUR` }),
  put({ state: 'closed' }),
  put({ state: '' }),
  order => Object.assign(order, { note: order.note.toUpperCase() }),
  order => Object.assign(order, { customer: order.customer.split(' ')[0] }),
  order => Object.assign(order, { id: order.id + 1 }),
  order => order.items.pop(),
  order => order.items.push({ sku: 'extra', count: 1, price: 1 }),
  putInItems({ count: 0 }),
  putInLast({ price: -1 }),
  putInLast({ sku: 'lost' }),
  nowAndThen(10, put({ total: 0 })),
  nowAndThen(20, put({ state: 'unknown' })),
];

/** Where the noise is: what is always wrong there must be found as well. */
const noisyFaults: Readonly<Record<string, readonly Fault[]>> = {
  'timestamps in a JSON list': [put({ at: 'Invalid Date' }), putInItems({ at: -1 }), put({ at: null })],
  'a token in HTML': [put({ token: '' }), put({ token: 'undefined' })],
  'a field that is A or B': [put({ variant: 'C' }), put({ variant: 1 })],
  'dates in XML': [put({ at: 'Invalid Date' })],
};

/** Scenes without and with a difference, each as the new side answers. */
export function plantedScenes(): (Scene & { readonly noise: string })[] {
  return Object.entries(noiseKinds).flatMap(([noise, kind]) =>
    [...faults, ...(noisyFaults[noise] ?? [])].map((fault, index) => ({
      noise,
      name: `${noise}, fault ${index}`,
      legacy: (random, request) => toBody(kind, kind.draw(random, request)),
      fresh(random, request) {
        const order = structuredClone(kind.draw(random, request));
        fault(order, request);
        return toBody(kind, order);
      },
    })),
  );
}

export function soundScenes(): (Scene & { readonly noise: string })[] {
  return Object.entries(noiseKinds).map(([noise, kind]) => {
    const draw: Scene['legacy'] = (random, request) => toBody(kind, kind.draw(random, request));
    return { noise, name: `${noise}, no fault`, legacy: draw, fresh: draw };
  });
}

function toBody({ contentType, write }: NoiseKind, order: Order): Body {
  return { contentType, text: write(order) };
}

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
