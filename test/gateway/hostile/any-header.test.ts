// Any list of header fields at all: what is forwarded holds nothing that ends at a proxy or that
// only the gateway may say.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { readHead } from '../../../gateway/http/request-head.ts';
import { toResponseFields } from '../../../gateway/http/response-fields.ts';

const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'];
HOP_BY_HOP.push('te', 'trailer', 'transfer-encoding', 'upgrade');
/** What no target would believe of a client itself, besides any name with `_`. */
const OURS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix'];
OURS.push('x-forwarded-proto', 'x-forwarded-server', 'x-original-url', 'x-real-ip', 'x-rewrite-url', 'tenfold-depth');
OURS.push('tenfold-key', 'tenfold-anything', 'x-forwarded', 'x-forwarded-user', 'remote-user', 'client-cert', 'proxy');
/** Not forwarded as they are, for reasons of their own. */
const CONSUMED = ['host', 'expect', 'traceparent'];
const PLAIN = ['accept', 'cookie', 'authorization', 'x-a', 'x-b', 'x-c', 'content-type', 'x-forward', 'xtenfold-a'];

/** The same name as somebody hostile would write it. */
const spelled = (name: string) =>
  fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: name.length, maxLength: name.length }).map(choices =>
    [...name]
      .map((letter, index) => {
        const [upper, underscore] = choices[index]!;
        if (letter === '-') return underscore ? '_' : '-';
        return upper ? letter.toUpperCase() : letter;
      })
      .join(''),
  );
const names = fc.constantFrom(...HOP_BY_HOP, ...OURS, ...CONSUMED, ...PLAIN);
const value = fc.oneof(
  fc.constantFrom('', '1', 'chunked', 'close', 'keep-alive', 'a, b'),
  fc
    .array(fc.oneof(names.chain(spelled), fc.constantFrom('', ' ', 'close', 'x-a', 'X-B')), { maxLength: 4 })
    .map(all => all.join(', ')),
);
const field = fc.tuple(names.chain(spelled), value);
/**
 * Also lists that are not refused at once: one Host, and Connection only
 * where it names plain fields.
 */
const fields = fc
  .tuple(fc.array(field, { maxLength: 12 }), fc.boolean())
  .map(([all, tame]) =>
    tame
      ? [
          ['Host', 'a.example'] as const,
          ...all.filter(([name]) => !/^(host|transfer-encoding|authorization)$/i.test(name)),
        ]
      : all,
  );

const read = (list: readonly (readonly [string, string])[]) =>
  readHead(
    {
      method: 'GET',
      url: '/x',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      rawHeaders: list.flat(),
    } as unknown as IncomingMessage,
    {
      trusted: false,
    },
  );
const pairs = (flat: readonly string[]) =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : []));
const dashed = (name: string) => name.toLowerCase().replaceAll('_', '-');
const namedBy = (list: readonly (readonly [string, string])[]) =>
  new Set(
    list
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) =>
        value
          .toLowerCase()
          .split(',')
          .map(token => token.trim()),
      ),
  );

/** RFC 9113 §8.2.3: cookies in several fields are one list, where the first of them stands. */
function withOneCookie(list: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const cookies = list.filter(([name]) => name === 'cookie');
  const [first] = cookies;
  const values = cookies.map(([, value]) => value).filter(value => value !== '');
  const whole = ['cookie', values.join('; ')] as const;
  return list.flatMap(field => (field[0] !== 'cookie' ? [field] : field === first ? [whole] : []));
}

describe('any header', () => {
  it('of a request: refused, or forwarded without what is not the client’s to say, all the rest in its order', () => {
    let forwarded = 0;
    fc.assert(
      fc.property(fields, list => {
        let head: ReturnType<typeof readHead>;
        try {
          head = read(list);
        } catch (error) {
          assert.ok(error instanceof TenfoldError, String(error));
          assert.ok(['bad-request', 'expectation-failed'].includes(error.code), String(error));
          return;
        }
        forwarded++;
        const named = namedBy(list);
        const isOurs = (name: string) => name.includes('_') || OURS.includes(name) || name.startsWith('tenfold-');
        const expected = list
          .map(([name, value]) => [name.toLowerCase(), value] as const)
          .filter(
            ([name]) =>
              !HOP_BY_HOP.includes(dashed(name)) && !isOurs(name) && !CONSUMED.includes(name) && !named.has(name),
          );
        assert.deepEqual(pairs(head.fields), withOneCookie(expected));
      }),
      { numRuns: 5000 },
    );
    assert.ok(forwarded > 500, `only ${forwarded} were not refused`);
  });

  it('of an answer: refused, or passed on without what ends at a proxy or is ours', () => {
    let passed = 0;
    fc.assert(
      fc.property(fields, list => {
        let given: string[];
        try {
          given = toResponseFields(list.flat());
        } catch (error) {
          assert.ok(error instanceof TenfoldError && error.code === 'bad-gateway', String(error));
          return;
        }
        passed++;
        const named = namedBy(list);
        for (const token of ['close', 'keep-alive', '']) named.delete(token);
        const expected = list.filter(([name]) => {
          const lower = name.toLowerCase();
          return !HOP_BY_HOP.includes(dashed(name)) && !lower.startsWith('tenfold-') && !named.has(lower);
        });
        assert.deepEqual(pairs(given), expected);
      }),
      { numRuns: 5000 },
    );
    assert.ok(passed > 500, `only ${passed} were not refused`);
  });
});
