// Tells the application of thousands of clicks, looks at what it makes of them while they come and
// afterwards, and checks that against a count by hand.
import assert from 'node:assert/strict';
import { CLICKS, clicks, HOURS, lateClicks } from './data/clicks.ts';
import { type Client, createClient, type DemoOptions } from './demo/client.ts';
import { type Expected, expect } from './demo/expected.ts';

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo(options: DemoOptions): Promise<void> {
  const { publish, say } = options;
  const client = createClient(options);
  const now = Date.now();
  const events = [...clicks(now)];
  const expected = expect(events);

  say(`${CLICKS} clicks of the last ${HOURS} hours, a tenth of them out of order, and what machines do among them:`);
  const begun = performance.now();
  await publish('clicks', events);
  const counted = async () => (await client.sql('SELECT count(*) FROM clickstream'))[0]?.[0] === expected.clicks;
  await client.until('all are in the archive', counted);
  say(`  enriched, counted, archived after ${((performance.now() - begun) / 1000).toFixed(1)} s`);

  await showWindows(client, expected, say);
  await showHistory(client, expected, say);

  say('Twenty clicks of a phone that had no net for six hours: too late for their windows, not for the archive.');
  const late = [...lateClicks(now)];
  await publish('clicks', late);
  const people = expect(late).clicks;
  await client.until('late clicks are told apart', async () => (await sumOf(client)) === people);
  const archived = async () =>
    (await client.sql('SELECT count(*) FROM clickstream'))[0]?.[0] === expected.clicks + people;
  await client.until('late clicks are archived', archived);
  await client.ask('SELECT min(time), max(time) FROM clickstream');
}

async function showWindows(client: Client, { windows }: Expected, say: (line: string) => void): Promise<void> {
  say('Windows of ten minutes, as they are now:');
  const wrong = async () => {
    for (const [key, { clicks, readers }] of windows) {
      const { body } = await client.get(`/pages?key=${encodeURIComponent(key)}`);
      if (body['clicks'] !== clicks || body['readers'] !== readers) return `${key} is ${JSON.stringify(body)}`;
    }
    return undefined;
  };
  let last: string | undefined;
  const settled = async () => {
    last = await wrong();
    return last === undefined;
  };
  await client.until('the windows are up to date', settled).catch(error => assert.fail(`${error.message}: ${last}`));
  const [[newest = ''] = []] = [...windows].sort(([one], [other]) => startOf(other) - startOf(one));
  const path = `/pages?key=${encodeURIComponent(newest)}`;
  say(`  GET ${path} → ${JSON.stringify((await client.get(path)).body)}`);
  say(`  all ${windows.size} windows of all pages are as they should be`);
  const open = await client.ask(
    'SELECT key AS page, starts, clicks, readers, slow FROM pages_window ORDER BY starts DESC, clicks DESC LIMIT 5',
  );
  assert.ok(open.length > 0, 'windows are open');
  for (const [page, starts, clicks, readers] of open)
    say(`    ${starts} ${page}: ${clicks} clicks of ${readers} readers`);
  const found = await client.get('/search?q=lighthuose');
  assert.deepEqual(idsOf(found.body), ['/harbour/lighthouses']);
  say(`  GET /search?q=lighthuose → ${JSON.stringify(idsOf(found.body))}`);
}

async function showHistory({ ask }: Client, expected: Expected, say: (line: string) => void): Promise<void> {
  say('All of it in SQL, what is in files and what is in none yet:');
  const sections = await ask(`
    SELECT data->>'section' AS section, count(*) AS clicks
    FROM clickstream GROUP BY section ORDER BY clicks DESC, section`);
  assert.deepEqual(sections, expected.sections);
  for (const [section, clicks] of sections.slice(0, 3)) say(`    ${section}: ${clicks}`);
  const slow = await ask(`
    SELECT data->>'page' AS page, quantile_cont((data->>'ms')::DOUBLE, 0.95)::INT AS p95
    FROM clickstream GROUP BY page ORDER BY p95 DESC LIMIT 3`);
  assert.equal(slow.length, 3);
  const [[once, days] = []] = await ask('SELECT count(DISTINCT id), count(DISTINCT "date") FROM clickstream');
  assert.equal(once, expected.clicks, 'every click once');
  assert.ok(Number(days) >= 1);
}

async function sumOf({ get }: Client): Promise<number> {
  const { body } = await get('/late?top=100');
  const items = Array.isArray(body['items']) ? body['items'] : [];
  return items.reduce((sum: number, { score }: { score: number }) => sum + score, 0);
}

function idsOf({ items }: Record<string, unknown>): unknown[] {
  return Array.isArray(items) ? items.map(({ id }) => id) : [];
}

function startOf(key: string): number {
  return Date.parse(key.slice(key.indexOf(' ') + 1));
}
