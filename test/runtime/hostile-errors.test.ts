// Errors that a function throws whose members are of any type, or throw when they are read: the
// caller gets its answer, and the process lives.
import assert from 'node:assert/strict';
import { openCauses } from '../../core/cause.ts';
import { Causes } from '../../runtime/causes.ts';
import type { Transport } from '../../sdk/client/transport.ts';
import { http } from '../../sdk/index.ts';
import { runFunction, stopFunctions } from './running-function.ts';

const key = Buffer.alloc(32, 7);
const answered: Transport = async () => ({
  status: 200,
  headers: {},
  body: Buffer.from(key.toString('base64url')),
});
const throwing = (name: string) =>
  Object.defineProperty(new Error('m'), name, {
    get() {
      throw new Error('not to be read');
    },
  });

const hostile: Record<string, unknown> = {
  'a message that is a number': Object.assign(new Error(), { message: 42 }),
  'a message that is an object': Object.assign(new Error(), { message: { a: 1 } }),
  'a message without a text': Object.assign(new Error(), { message: Object.create(null) }),
  'no name': Object.assign(new Error('m'), { name: undefined }),
  'a name that is a symbol': Object.assign(new Error('m'), { name: Symbol('s') }),
  'a stack that is a number': Object.assign(new Error('m'), { stack: 7 }),
  'a stack that names no file of this machine': Object.assign(new Error('m'), {
    stack: 'E\n    at file://far/%zz:1:2',
  }),
  'a message that cannot be read': throwing('message'),
  'a stack that cannot be read': throwing('stack'),
  'a prototype that cannot be asked for': new Proxy(new Error('m'), {
    getPrototypeOf() {
      throw new Error('not to be asked');
    },
  }),
  'no error at all': Object.create(null),
};

describe('an error of a function with', () => {
  afterEach(stopFunctions);

  for (const [name, error] of Object.entries(hostile))
    it(name, async () => {
      const causes = new Causes({
        module: import.meta.filename,
        version: '7',
        transport: () => answered,
        monotonic: () => 0,
        random: () => 0.5,
      });
      const fn = http(() => {
        throw error;
      });
      const { url } = await runFunction(fn, {}, causes);
      const headers = { 'tenfold-namespace': 'default' };
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(2 * 60_000) });
      assert.equal(response.status, 500);
      assert.doesNotMatch(await response.text(), /not to be/);
      const [told] = openCauses(key, response.headers.get('tenfold-cause') ?? '');
      assert.equal(typeof told?.cause.message, 'string');
      assert.equal(typeof told?.cause.name, 'string');
    });
});
