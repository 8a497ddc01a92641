// What the README of the coffee shop shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Prepared, prepare } from '../../functions/coffee-shop/prepare.ts';
import { root, startPlatformProcess } from './platform-process.ts';

const readme = readFileSync(join(root, 'functions/coffee-shop/README.md'), 'utf8');
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
const run = promisify(execFile);
const MARK = '\u0001';

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'curl -s localhost:8080/shop/orders/$ORDER\n': /"totalCents":900/,
  'curl -si localhost:8080/shop/invoices/': /tenfold-parts: order;ok, customer;ok, menu;ok, card;fallback/i,
  'curl -s -X PUT localhost:8080/shop/cards/': /"discountPercent":10/,
  'curl -s localhost:8080/shop/invoices/': /"discountCents":90,"dueCents":810/,
  "curl -s localhost:8080/shop/orders/$ORDER -H 'api-version": /"amount":"9\.00","currency":"EUR"/,
  'npx tenfold routes explain': /no +version is v1[\s\S]*yes +version is v2\s+Takes the request/,
  'curl -s localhost:8080/shop/menu -b': /"id":"v60"/,
  'curl -si localhost:8080/shop/menu': /set-cookie: guest=/i,
  'curl -s localhost:8080/partners/menu -H': /"id":"v60"/,
  'curl -s localhost:8080/partners/menu\n': /"status":401/,
  'curl -s localhost:8080/staff/orders': /"orders":\[/,
  'curl -s localhost:8080/staff/customers': /"status":403/,
  'curl -s localhost:8080/shop/graphql': /"billedTo":"Ada","dueCents":810/,
};

describe('the README of the coffee shop', () => {
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare();
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const script = ['set -euo pipefail', ...lines.map(line => `${line}\nprintf '${MARK}'`)]
        .join('\n')
        .replaceAll('localhost:8080', new URL(platform.address).host)
        .replaceAll('localhost:4601', new URL(prepared.issuer.url).host);
      // Not waited for in one piece: the issuer that the lines ask runs in this process.
      const { stdout } = await run('bash', ['-c', script], { cwd: prepared.directory, timeout: 60_000 });
      const printed = stdout.split(MARK);
      assert.equal(printed.length, lines.length + 1);
      const unseen = new Set(Object.keys(expected));
      for (const [index, line] of lines.entries()) {
        const start = [...unseen].find(each => `${line}\n`.startsWith(each));
        if (start === undefined) {
          assert.equal(printed[index], '', `nothing is known of what this prints: ${line}`);
          continue;
        }
        unseen.delete(start);
        assert.match(printed[index] ?? '', expected[start]!, line);
      }
      assert.deepEqual([...unseen], []);
    } finally {
      assert.equal(await platform.stop(), 0);
    }
  });
});
