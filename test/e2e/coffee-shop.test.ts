// What the README of the coffee shop shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/coffee-shop/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

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
  "until curl -s 'localhost:8080/staff/revenue": /"name":"Ada","orders":\d+,"spentCents":\d+/,
  'curl -s localhost:8080/shop/graphql': /"billedTo":"Ada","dueCents":810/,
  'until curl -sf localhost:8080/shop/receipts/$ORDER': /"lines":\["2 × V60 pour-over: 9.00 €"\]/,
  'until curl -s localhost:8080/shop/wall': /"drink":"v60"/,
  'until grep -s $ORDER wall.txt': /^event: rows|^data: .*"items":\[\{.*"drink":"v60"/m,
  'until grep \'"removed":': /"removed":\["[^"]+"\],"items":\[\]/,
  'npx tenfold invoke screens --method PUT --path /screens/7 --data \'{"plugged":false}\'': /false/,
  'until npx tenfold invoke screens --path /screens/8': /1 × V60/,
  'until npx tenfold dead list barista': /^2$/m,
  'npx tenfold dead list barista\n': /The screen of table 7 does not answer/,
  'npx tenfold invoke screens --method PUT --path /screens/7 --data \'{"plugged":true}\'': /true/,
  'npx tenfold dead redrive': /./,
  'until npx tenfold invoke screens --path /screens/7': /1 × V60/,
  'curl -s -c cookies.txt localhost:8080/shop/login': /"name":"Grace"/,
  'curl -s -b cookies.txt localhost:8080/shop/basket -H': /"drink":"flat-white","quantity":3/,
  'curl -s -b cookies.txt localhost:8080/shop/me\n': /"basket":\[\{"drink":"flat-white"/,
  'curl -s -b cookies.txt localhost:8080/shop/me -o': /^401$/,
  'curl -s -b cookies.txt -X POST localhost:8080/shop/basket/order': /"totalCents":1260/,
  "until curl -s 'localhost:8080/leaderboard/lovers": /"score":3,"value":\{"name":"Grace"\}/,
  "curl -s 'localhost:8080/leaderboard/origins": /"Ethiopia","score":2|"Brazil","score":3/,
  "curl -s 'localhost:8080/leaderboard/methods": /"espresso","score":3/,
  'npx tenfold schedules run queue/nightly-report/nightly': /began job/,
  'until npx tenfold jobs list nightly-report': /succeeded/,
  'npx tenfold subscriptions list': /video-wall[\s\S]*barista|barista[\s\S]*video-wall/,
  'until curl -s localhost:8080/tastes/v60 | grep cookie': /"drink":"cookie","orders":[1-3]/,
  'until curl -s localhost:8080/tastes/v60 | grep espresso': /"drink":"espresso","orders":1/,
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
      const lines = readShellLines('functions/coffee-shop/README.md');
      const printed = await runLines(
        lines.map(line =>
          line
            .replace('localhost:8080', new URL(platform.address).host)
            .replace('localhost:4601', new URL(prepared.issuer.url).host),
        ),
        prepared.directory,
      );
      assertPrinted(lines, printed, expected);
    } finally {
      assert.equal(await platform.stop(), 0);
    }
  });
});
