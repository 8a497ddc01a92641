// A real Elasticsearch that is away, slow, frozen, cut off or killed: calls say so in time, nothing
// is lost that was acknowledged, and it goes on by itself.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { openElasticsearch } from '../../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { DocumentChange, SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { freePorts } from '../../../cluster/free-ports.ts';
import { idsOf, newIndex, rejectsWith } from '../../../contract/search-index/subject.ts';
import { eventually } from '../../../eventually.ts';
import { type ElasticsearchServer, elasticsearch, startElasticsearch } from '../../../services/elasticsearch.ts';
import { startProxy, type TcpProxy } from '../../../services/proxy.ts';
import { canStart } from '../../../services/service.ts';

const SETTINGS = { fields: { t: { type: 'text' as const } } };
const put = (id: string, version: number, t = 'word'): DocumentChange => ({
  kind: 'put',
  id,
  version,
  document: { t },
});
const many = (count: number, version: number, text: string) =>
  Array.from({ length: count }, (_, n) => put(`d${n}`, version, text));

let server: ElasticsearchServer;
let proxy: TcpProxy;
/** Straight to the server. */
let direct: SearchIndex;
let search: SearchIndex | undefined;
let lines: string[];
let name: string;

async function open(port = proxy.port, requestTimeoutMs = 10_000): Promise<SearchIndex> {
  search = await openElasticsearch({
    world: realWorld,
    connection: { nodes: [`http://127.0.0.1:${port}`] },
    requestTimeoutMs,
    log: (level, message) => lines.push(`${level} ${message}`),
  });
  return search;
}

if (canStart(elasticsearch))
  describe('an Elasticsearch with faults', () => {
    before(async () => {
      server = await startElasticsearch();
      direct = await openElasticsearch({ world: realWorld, connection: { nodes: [server.url] } });
    });
    after(async () => {
      await direct.close();
      await server.stop();
    });
    beforeEach(async () => {
      lines = [];
      name = newIndex();
      proxy = await startProxy(server.port);
    });
    afterEach(async () => {
      await search?.close();
      await proxy.close();
    });

    describeConnection();
    describeEnds();
  });

function describeConnection(): void {
  it('that is away when it is opened: calls are refused at once, one line is logged, and another when it is there', async () => {
    const [nobody = 0] = await freePorts(1);
    proxy.lead(nobody);
    const search = await open();
    for (let n = 0; n < 3; n++) await rejectsWith('store-unavailable', search.ensureIndex(name, SETTINGS));
    await rejectsWith('store-unavailable', search.search(name, {}));
    const { ok, reason } = await search.health();
    assert.equal(ok, false);
    assert.match(reason ?? '', /cannot be reached/);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(
      lines[0] ?? '',
      /^warn Elasticsearch at 127\.0\.0\.1:\d+ cannot be used; this is tried again and again/,
    );
    proxy.lead(server.port);
    await eventually(() => lines.length === 2, 'it is noticed without being asked');
    assert.match(lines[1] ?? '', /^info .* answers again/);
    await search.ensureIndex(name, SETTINGS);
    assert.deepEqual(await search.health(), { ok: true });
  });

  it('whose connections are cut in the middle of writes: all is written in the end, and once', async () => {
    const search = await open();
    await search.ensureIndex(name, SETTINGS);
    let isCutting = true;
    const cutting = (async () => {
      while (isCutting) {
        await proxy.sent();
        await new Promise(resolve => setImmediate(resolve));
        proxy.cut();
        await proxy.sent();
        await proxy.sent();
      }
    })();
    const counts = { written: 0, outdated: 0, refused: 0 };
    for (let turn = 1; turn <= 20; turn++) {
      for (;;) {
        try {
          for (const { kind } of await search.change(name, many(200, turn, `turn${turn}`))) counts[kind]++;
          break;
        } catch (error) {
          assert.match(String(error), /cannot be reached|connection was lost/);
        }
      }
    }
    isCutting = false;
    // What was written and not answered comes back as what it is: no higher version.
    assert.deepEqual([counts.written + counts.outdated, counts.refused], [4000, 0]);
    await search.refresh(name);
    const { total } = await search.search(name, { text: 'turn20' });
    assert.deepEqual(total, { count: 200, isExact: true });
    assert.equal((await search.document(name, 'd7'))?.version, 20);
    await Promise.race([cutting, search.health()]);
  });

  it('whose answers do not come: a call ends in time, and a write that has arrived does no harm when it is made again', async () => {
    await direct.ensureIndex(name, SETTINGS);
    const search = await open(proxy.port, 400);
    await eventually(() => search.search(name, {}).then(Boolean, () => false), 'it answers');
    proxy.keepAnswers(true);
    await rejectsWith('store-unavailable', search.change(name, [put('a', 5)]));
    await rejectsWith('store-unavailable', search.search(name, {}));
    assert.equal((await search.health()).ok, false);
    proxy.keepAnswers(false);
    proxy.cut();
    await eventually(async () => (await direct.document(name, 'a')) !== undefined, 'the write arrives');
    await eventually(() => search.health().then(({ ok }) => ok), 'it answers again');
    assert.deepEqual(await search.change(name, [put('a', 5)]), [{ kind: 'outdated' }]);
  });

  it('that is frozen: calls end in time, and go on when it does', async () => {
    await direct.ensureIndex(name, SETTINGS);
    const search = await open(proxy.port, 1000);
    server.signal('SIGSTOP');
    try {
      await rejectsWith('store-unavailable', search.change(name, [put('a', 1)]));
      await rejectsWith('store-unavailable', search.document(name, 'a'));
    } finally {
      server.signal('SIGCONT');
    }
    await eventually(async () => {
      const [outcome] = await search.change(name, [put('a', 2)]).catch(() => []);
      return outcome?.kind === 'written' || outcome?.kind === 'outdated';
    }, 'it is written');
    assert.equal((await search.document(name, 'a'))?.version, 2);
  });
}

function describeEnds(): void {
  it('that is killed under writes: what it has acknowledged is there when it is started again, and deletions are not forgotten', async () => {
    const search = await open();
    await search.ensureIndex(name, SETTINGS);
    await search.change(name, [put('gone', 1), { kind: 'delete', id: 'gone', version: 9 }]);
    let acknowledged = 0;
    let isOver = false;
    const writing = (async () => {
      for (let turn = 1; !isOver; turn++) {
        const outcomes = await search.change(name, many(50, turn, `turn${turn}`)).catch(() => undefined);
        if (outcomes?.every(({ kind }) => kind === 'written')) acknowledged = turn;
      }
    })();
    await eventually(() => acknowledged >= 5, 'some is written');
    await server.kill();
    isOver = true;
    await writing;
    assert.equal((await search.health()).ok, false);
    await server.start();
    await eventually(() => search.health().then(({ ok }) => ok), 'it is well again');
    for (const id of ['d0', 'd49']) assert.ok(((await search.document(name, id))?.version ?? 0) >= acknowledged);
    assert.deepEqual(await search.change(name, [put('gone', 8)]), [{ kind: 'outdated' }]);
    assert.equal(await search.document(name, 'gone'), undefined);
    await search.refresh(name);
    assert.equal((await idsOf(search, name, { text: 'word' })).length, 0);
  });

  it('that is started again never says that an index is gone, however early it is asked', async () => {
    const search = await open();
    await search.ensureIndex(name, SETTINGS);
    await server.kill();
    const said = new Set<number>();
    let isOver = false;
    const asking = (async () => {
      while (!isOver)
        await search.indexes(name).then(
          found => said.add(found.length),
          () => {},
        );
    })();
    await server.start();
    await eventually(() => search.health().then(({ ok }) => ok), 'it is well again');
    await eventually(() => said.has(1), 'it is asked after that, too');
    isOver = true;
    await asking;
    assert.deepEqual([...said], [1]);
  });

  it('that is closed while it is called: calls end, and later ones are refused', async () => {
    const search = await open();
    await search.ensureIndex(name, SETTINGS);
    await search.search(name, {});
    const writing = search.change(name, many(100, 1, 'x'));
    await search.close();
    assert.ok((await writing).every(({ kind }) => kind === 'written'));
    await rejectsWith('store-unavailable', search.search(name, {}));
  });

  it('to which too much is on its way: the rest is refused at once', async () => {
    await direct.ensureIndex(name, SETTINGS);
    const limited = await openElasticsearch({
      world: realWorld,
      connection: { nodes: [`http://127.0.0.1:${proxy.port}`] },
      requestTimeoutMs: 500,
      maxPendingBytes: 100_000,
    });
    search = limited;
    await eventually(() => limited.search(name, {}).then(Boolean, () => false), 'it answers');
    proxy.keepAnswers(true);
    const first = rejectsWith('store-unavailable', limited.change(name, [put('a', 1, 'x'.repeat(90_000))]));
    await proxy.sent();
    await rejectsWith('overloaded', limited.change(name, [put('b', 1, 'x'.repeat(90_000))]));
    await first;
    proxy.keepAnswers(false);
    proxy.cut();
    await eventually(() => limited.change(name, [put('b', 1)]).then(Boolean, () => false), 'it is taken');
  });
}
