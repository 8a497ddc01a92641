// What the pages of docs/patterns about events and jobs show works as it stands
// there: each block is run.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import { readBlocks, runLines } from '../page-blocks.ts';
import { get, linesOf, namesMetrics, pagePlatform } from './page-platform.ts';

describe('pages of docs/patterns about events', () => {
  const pages = pagePlatform();

  it('02-decoupled-messaging.md: delivered, given up, edited and sent back', async () => {
    const page = readBlocks('docs/patterns/02-decoupled-messaging.md');
    const yaml = page.next('yaml');
    writeFileSync(join(pages.folder, 'receipts.ts'), page.next('ts'));
    await pages.run(yaml, async ({ view }, address) => {
      const [taken, , , wide] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(taken ?? '', /^HTTP\/1\.1 204 /);
      assert.match(wide ?? '', /OLDEST.*PARKED.*DEAD.*\n.*receipts/);
      const receipts = async () => (await view.events.consumers())[0];
      await eventually(async () => (await receipts())?.deadLetters === 1, 'one is given up');
      const [list, , show] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(list ?? '', /OrderCreated +refused/);
      assert.match(show ?? '', /There is no table 99\./);
      await eventually(async () => (await receipts())?.delivered === 3, 'all are delivered');
      // The note that it was sent back is written after its delivery.
      await eventually(async () => (await receipts())?.deadLetters === 0, 'none is left');
      await namesMetrics('02-decoupled-messaging.md', view);
    });
    page.end();
  });

  it('05-pub-sub.md: each subscriber gets what it asks for, a new one the past', async () => {
    const page = readBlocks('docs/patterns/05-pub-sub.md');
    const calls = { wall: 0, loyalty: 0, late: 0 };
    const count = (name: keyof typeof calls) => () => {
      calls[name]++;
      return { done: true };
    };
    pages.hosts = {
      'wall.example.com': count('wall'),
      'loyalty.example.com': count('loyalty'),
      'new-wall.internal': count('late'),
    };
    await pages.run(page.next('yaml'), async ({ view }, address) => {
      const [, , list] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(list ?? '', /video-wall.*\n.*loyalty|loyalty.*\n.*video-wall/);
      await eventually(() => calls.wall === 2 && calls.loyalty === 1, 'all have theirs');
      const [replay, , paused, resumed] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(replay ?? '', /^subscription\/video-wall-/);
      assert.match(paused ?? '', /video-wall: paused/);
      assert.match(resumed ?? '', /video-wall: /);
      await eventually(() => calls.wall === 4 && calls.late === 2, 'the past is replayed');
      await namesMetrics('05-pub-sub.md', view);
    });
    await pages.run(page.next('yaml'), async ({ view }) => {
      const consumers = async () => (await view.events.consumers()).map(({ name }) => name);
      assert.deepEqual(await consumers(), ['mails']);
    });
    page.end();
  });

  it('07-queue-based-load-leveling.md: a job is taken, waited for, and has a result', async () => {
    const page = readBlocks('docs/patterns/07-queue-based-load-leveling.md');
    pages.hosts = { 'cms.internal': { imported: true } };
    let shares = '';
    await pages.run(page.next('yaml'), async ({ view }, address) => {
      const [taken, , waited, result] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(taken ?? '', /^HTTP\/1\.1 202 [\s\S]*location: \/articles\//i);
      assert.match(waited ?? '', /succeeded/);
      assert.deepEqual(JSON.parse(result ?? ''), { imported: true });
      shares = page.next('yaml');
      const [, paused, resumed] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(paused ?? '', /queue\/article-import: paused/);
      assert.match(resumed ?? '', /queue\/article-import: /);
      await namesMetrics('07-queue-based-load-leveling.md', view);
    });
    await pages.run(shares, async ({ view }) => {
      const [exported] = await view.events.consumers();
      assert.equal(exported?.name, 'exports');
    });
    page.end();
  });

  it('08-read-heavy-reporting-engine.md: a table, a search, a ranking, totals and feeds of what was published', async () => {
    const page = readBlocks('docs/patterns/08-read-heavy-reporting-engine.md');
    await pages.run(page.next('yaml'), async ({ view }, address) => {
      const asked = page.next('sh');
      const settled = async () => (await view.events.views()).every(({ behind }) => behind === 0);
      const [publish = '', look = '', ...questions] = linesOf(asked, address);
      const [published] = await runLines([publish, look], pages.folder);
      const position = /^tenfold-position: (\S+)$/im.exec(published ?? '')?.[1] ?? assert.fail(published);
      assert.match(position, /^tweets\.created@\d+:0$/);
      await eventually(settled, 'all views are up to date');
      const [row, rows, found, suggested, trends, authors, mentions] = await runLines(questions, pages.folder);
      const tweet = { id: 't1', author: 'ada', text: 'Photographing lighthouses', mentions: ['bob'] };
      assert.deepEqual(JSON.parse(row ?? ''), tweet);
      assert.deepEqual(JSON.parse(rows ?? ''), { items: [{ key: 't1', value: tweet }] });
      assert.match(found ?? '', /"match":true/);
      assert.deepEqual(JSON.parse(suggested ?? ''), { items: ['lighthouses'] });
      assert.deepEqual(JSON.parse(trends ?? ''), { items: [{ rank: 1, member: 't1', score: 1 }] });
      const total = { key: 'ada', value: { tweets: 1, newest: 't1' } };
      assert.deepEqual(JSON.parse(authors ?? ''), { items: [total] });
      assert.match(mentions ?? '', /"text":"Photographing lighthouses"/);
      const [waited] = await runLines(
        linesOf(page.next('sh').replace('tweets.created@0:0', position), address),
        pages.folder,
      );
      assert.match(waited ?? '', /tenfold-as-of: /i);
      const [follow = ''] = linesOf(page.next('sh'), address);
      assert.match(await firstOf(follow), /^event: rows$[\s\S]*"text":"Photographing lighthouses"/m);
      const [rebuilt, queried, list] = await runLines(page.next('sh').trim().split('\n'), pages.folder);
      assert.match(rebuilt ?? '', /trends/);
      assert.match(queried ?? '', /Photographing lighthouses/);
      assert.match(list ?? '', /trends/);
      await namesMetrics('08-read-heavy-reporting-engine.md', view);
    });
    page.end();
  });

  it('09-streams-and-pipelines.md: events are mapped, counted in windows, archived and asked in SQL', async () => {
    const page = readBlocks('docs/patterns/09-streams-and-pipelines.md');
    await pages.run(page.next('yaml'), async ({ view }, address) => {
      const [posts, questions] = [linesOf(page.next('sh'), address), page.next('sh')];
      const [first, second, reader] = await runLines(posts.slice(0, 3), pages.folder);
      for (const answer of [first, second]) assert.match(answer ?? '', /^HTTP\/1\.1 204/);
      assert.deepEqual(JSON.parse(reader ?? ''), { page: '/home', user: 'bob', slow: true });
      const window = async () => (await runLines(posts.slice(3), pages.folder))[0] ?? '';
      await eventually(async () => JSON.parse(await window()).clicks === 2, 'both are counted');
      assert.partialDeepStrictEqual(JSON.parse(await window()), { key: '/home', clicks: 2, readers: 2 });
      const [history, live, tables] = await runLines(linesOf(questions, address), pages.folder);
      assert.equal(history?.trim().replaceAll('\r', ''), 'page,clicks\n/home,2');
      assert.equal(live?.trim().replaceAll('\r', ''), 'page,clicks,readers\n/home,2,2');
      assert.match(tables ?? '', /clickstream[\s\S]*pages_window/);
      await namesMetrics('09-streams-and-pipelines.md', view);
    });
    page.end();
  });

  it('10-fan-out-and-fan-in.md: divided, gathered, and what failed done once more', async () => {
    const page = readBlocks('docs/patterns/10-fan-out-and-fan-in.md');
    const sizes = [3, 4, undefined];
    let next = 0;
    pages.hosts = {
      'reports.internal': () => {
        const pages = sizes[next++ % sizes.length];
        return pages === undefined ? undefined : { pages };
      },
    };
    const yaml = page.next('yaml');
    writeFileSync(join(pages.folder, 'bind.ts'), page.next('ts'));
    await pages.run(yaml, async ({ view }, address) => {
      const [, failed] = await runLines(linesOf(page.next('sh'), address).slice(0, 2), pages.folder);
      assert.match(failed ?? '', /"state":"failed".*1 of 3 items were given up/);
      const [list, letters, redriven] = await runLines(linesOf(page.next('sh'), address), pages.folder);
      assert.match(list ?? '', /failed .*2\/3/);
      assert.match(letters ?? '', /refused/);
      assert.match(redriven ?? '', /succeeded .*3\/3/);
      const [job] = (await view.events.fanOuts.list({ limit: 1 })).items;
      const result = await get(`${address}/reports/${job?.id}/result`);
      assert.deepEqual(result.body, { report: job?.id, pages: 10 });
      await namesMetrics('10-fan-out-and-fan-in.md', view);
    });
    page.end();
  });
});

/** What the stream begins with that the line follows, which has no end. */
async function firstOf(line: string): Promise<string> {
  const [, name = '', value = '', url = ''] = /-H '([^:]+): ([^']+)' '([^']+)'$/.exec(line) ?? assert.fail(line);
  const { body } = await fetch(url, { headers: { [name]: value } });
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (/^data: .*\n\n/m.test(text)) break;
  }
  return text;
}
