// An archive file that is damaged or missing: queries that need it fail and say what to do, all
// others are answered, and it is made anew from the log.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailedLine } from '../../../admin/api.ts';
import type { ObjectCheck, ObjectRepair } from '../../../admin/object-view.ts';
import type { SqlAnswer, SqlTableReport } from '../../../admin/sql-view.ts';
import { run } from '../../../cli/run.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 2, key: "\${event.data.page}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: page-clicks }
spec:
  from: { topic: clicks, start: earliest }
  to:
    - archive: { roll: { every: 1s } }
    - archive: { format: jsonl, compression: gzip, partitionBy: hour, prefix: lines, roll: { every: 1s } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /clicks }, to: { topic: clicks } }] }
`;

type Line = SqlAnswer | FailedLine;

let platform: Platform;
let data: string;

const post = async <T>(path: string, body: object): Promise<T[]> => {
  const answer = await fetch(`${platform.addresses.admin}/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text
    .trimEnd()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
};
const ask = (sql: string, more: object = {}) => post<Line>('sql', { namespace: 'default', sql, ...more });
const rows = async (sql: string, more?: object): Promise<unknown[]> => {
  const all = await ask(sql, more);
  const failed = all.find(line => line.kind === 'failed');
  assert.equal(failed, undefined, JSON.stringify(failed));
  return all.flatMap(line => (line.kind === 'rows' ? line.rows : []));
};
const failure = async (sql: string, more?: object) => {
  const failed = (await ask(sql, more)).find(line => line.kind === 'failed');
  return failed?.kind === 'failed' ? failed : undefined;
};
/** Files of an archive whose names have that word. */
const filesOf = (word: string) =>
  readdirSync(join(data, 'blobs/archive'), { recursive: true, encoding: 'utf8' })
    .map(name => join(data, 'blobs/archive', name))
    .filter(path => path.includes(word) && !path.includes('_ranges') && statSync(path).isFile());
const forgetCopies = () => rmSync(join(data, 'sql/files'), { recursive: true, force: true });

const faults: readonly (readonly [string, (path: string) => void])[] = [
  [
    'has a flipped bit',
    path => {
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 4, bytes.length >> 1);
      writeFileSync(path, bytes);
    },
  ],
  ['is cut', path => truncateSync(path, statSync(path).size >> 1)],
  ['is missing', path => rmSync(path)],
];

/** Each fault in one of them by day, and in both at night. */
const archives = [
  ['page_clicks', 'page_clicks_1', 'page-clicks/date=2026-11-24'],
  ['page_clicks_1', 'page_clicks', 'lines/date=2026-11-24/hour=00'],
] as const;
const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;

describe('SQL over a damaged archive', () => {
  before(async () => {
    const directory = tempFolder({ 'app.yaml': APP });
    data = join(directory, '.tenfold/data');
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    for (let n = 0; n < 40; n++) {
      const day = n % 4 === 0 ? '24' : '25';
      const answer = await fetch(`${platform.addresses.public}/clicks`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': `c${n}`,
          'ce-source': '/test',
          'ce-type': 'Clicked',
          'ce-time': `2026-11-${day}T0${n % 10}:00:00Z`,
        },
        body: JSON.stringify({ page: `/p${n % 4}`, n }),
      });
      assert.ok(answer.ok, await answer.text());
    }
    const gathered = async () => {
      const answer = await fetch(`${platform.addresses.admin}/api/sql/tables`, {
        headers: { authorization: `Bearer ${platform.adminToken}` },
      });
      const { items } = (await answer.json()) as { items: SqlTableReport[] };
      return items.every(({ files = 0 }) => files > 0) && filesOf('date=2026-11-24').length > 0;
    };
    await eventually(gathered, 'files');
    for (const [table] of archives) {
      const count = async () => JSON.stringify(await rows(`SELECT count(*) FROM ${table}`));
      await eventually(async () => (await count()) === '[[40]]', `all are in ${table}`);
    }
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  for (const [index, [what, damage]] of faults.entries()) {
    for (const [table, other, word] of isNight ? archives : [archives[index % 2] ?? archives[0]]) {
      it(`fails for who needs a file of ${table} that ${what}, and for nobody else, until it is made anew`, async () => {
        const every = `SELECT id, "time", "date" FROM ${table} ORDER BY id`;
        const expected = await rows(every);
        const [path = ''] = filesOf(word);
        damage(path);
        forgetCopies();
        // Those that need it, in whatever way.
        for (const sql of [
          every,
          `SELECT count(*) FROM ${table}`,
          `SELECT max("date") FROM ${table} WHERE "date" <= '2026-11-24'`,
          `SELECT id FROM ${table} WHERE "time" < TIMESTAMPTZ '2026-11-24T23:00:00Z'`,
          `SELECT count(*) FROM ${table} WHERE data IS NULL`,
          `SELECT count(*) FROM ${other} AS o JOIN ${table} AS t ON o.id = t.id`,
          `SELECT id FROM ${table} WHERE subject = 'none'`,
        ]) {
          const failed = await failure(sql);
          assert.equal(failed?.code, 'data-corrupt', `${sql}: ${JSON.stringify(failed)}`);
          assert.match(failed.message, /The file 'archive\/default\/.*date=2026-11-24.*"tenfold doctor --repair"/);
        }
        // Those that do not.
        const of25 = expected.filter(row => Array.isArray(row) && row[2] === '2026-11-25');
        assert.deepEqual(
          await rows(`SELECT id, "time", "date" FROM ${table} WHERE "date" = '2026-11-25' ORDER BY id`),
          of25,
        );
        assert.deepEqual(await rows(every, { since: '2026-11-25' }), of25);
        assert.deepEqual(await rows(`SELECT count(*) FROM ${other}`), [[40]]);
        if (word.includes('hour'))
          assert.equal(
            (await rows(`SELECT id FROM ${table} WHERE "date" = '2026-11-24' AND "hour" > 0`)).length > 0,
            true,
          );
        // Who wants the rest is told what it lacks.
        const part = await ask(every, { leaveOut: true });
        const notes = part.flatMap(line => (line.kind === 'note' ? line.message : []));
        assert.match(notes.join(), /is (damaged|missing); it is left out, so the answer lacks its events/);
        // It is found, and is what it was afterwards.
        const found = (await post<ObjectCheck>('objects/check', {})).flatMap(line =>
          line.kind === 'damaged' ? line.object : [],
        );
        assert.deepEqual(
          found.map(({ owner: { kind, namespace, name } }) => [kind, namespace, name]),
          [['Pipeline', 'default', 'page-clicks']],
        );
        const planned = await post<ObjectRepair>('objects/repair', { dryRun: true });
        assert.deepEqual(
          planned.map(({ kind }) => kind),
          ['possible'],
        );
        assert.equal((await failure(every))?.code, 'data-corrupt', 'nothing is done before it is asked for');
        const made = await post<ObjectRepair>('objects/repair', {});
        assert.deepEqual(
          made.map(({ kind, message }) => [kind, message]),
          [['made', 'It was made anew from the log, byte for byte.']],
        );
        assert.deepEqual(await rows(every), expected);
        const again = await post<ObjectCheck>('objects/check', {});
        assert.deepEqual(
          again.filter(({ kind }) => kind === 'damaged'),
          [],
        );
      });
    }
  }

  it('is repaired from the command line, which says first what it would do', async () => {
    const [path = ''] = filesOf('page-clicks/date=2026-11-25');
    truncateSync(path, 10);
    const doctor = async (...words: string[]) => {
      const terminal = fakeTerminal({ cwd: data });
      const options = ['--admin', platform.addresses.admin, '--token', platform.adminToken];
      return { code: await run(['doctor', ...words, ...options], terminal), said: terminal.stderr };
    };
    const found = await doctor('--online');
    assert.equal(found.code, 1);
    assert.match(found.said, /damaged: an archive file with events .* of Pipeline default\/page-clicks/);
    assert.match(found.said, /1 is damaged\.\nNext: see what can be repaired with "tenfold doctor --repair --dry-run"/);
    const planned = await doctor('--repair', '--dry-run');
    assert.deepEqual(
      [planned.code, /would repair: .*\n.*can be made anew/.test(planned.said)],
      [1, true],
      planned.said,
    );
    assert.equal(statSync(path).size, 10);
    const made = await doctor('--repair');
    assert.deepEqual([made.code, /repaired: .*\n.*byte for byte/.test(made.said)], [0, true], made.said);
    const sound = await doctor('--online');
    assert.deepEqual([sound.code, /all are as they were written/.test(sound.said)], [0, true]);
  });
});
