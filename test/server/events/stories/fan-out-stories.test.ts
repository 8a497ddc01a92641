// The story of a job of a FanOut: its items, what waits at which part, and the links between it and
// the events before and after it.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import type { JobStory, StoryLink } from '../../../../admin/story-view.ts';
import { fanOutLayoutOf } from '../../../../core/fan-outs/layout.ts';
import { toTimestamp } from '../../../../core/world.ts';
import type { CallRequest } from '../../../../worker/deliver/caller.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite, type Played } from './story-site.ts';

const RETRY = 'retry: { attempts: 3, initial: 1h, max: 1h }';
const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Topic; metadata: { name: ends }; spec: { partitions: 1 }
kind: Subscription; metadata: { name: divide }; spec: { topic: orders, from: earliest, to: { fanOut: cups } }
kind: FanOut; metadata: { name: cups }; spec: { split: "\${event.data.cups}", worker: { function: brew, ${RETRY} }, gather: { function: gather, ${RETRY} }, complete: { topic: ends, deadline: 10h, tolerate: 1 } }
kind: FanOut; metadata: { name: parties }; spec: { "on": { topic: orders }, split: "\${event.data.parties}", worker: { fanOut: cups } }
kind: Function; metadata: { name: brew }; spec: { url: "http://brew.example" }
kind: Function; metadata: { name: gather }; spec: { url: "http://gather.example" }
`;

overEachLog('the story of a job of a FanOut', log => {
  let audit: readonly AuditEntry[] = [];
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  let gathers: Played = { status: 200, body: { all: true } };

  /** Milk is refused, and beer fails. */
  const play = (name: string, { body }: CallRequest): Played => {
    if (name === 'gather') return gathers;
    const item = JSON.parse(Buffer.from(body ?? '').toString());
    if (item === 'milk') return { status: 422, body: { detail: 'no milk' } };
    return item === 'beer' ? { status: 500, body: { detail: 'no beer' } } : { status: 200, body: item };
  };

  before(async () => {
    site = await openStorySite({ app: APP, folder: tempFolder(), log, timed: true, play, audit: () => audit });
    stop = await site.start();
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });

  const isOf = (name: string) => (link: StoryLink) => link.of.kind === 'FanOut' && link.of.name === name;
  const jobOf = async (data: object, name = 'cups') => {
    const place = await site.publish('orders', { cups: [], parties: [], ...data });
    const find = async () => (await site.tell('orders', place)).ledTo.find(isOf(name))?.id;
    await eventually(async () => (await find()) !== undefined, 'the job is there');
    return { place, id: (await find()) ?? assert.fail() };
  };
  const told = async (id: string, isIt: (story: JobStory) => boolean, name = 'cups') => {
    let story: JobStory | undefined;
    await eventually(async () => {
      story = await site.tellJob('FanOut', name, id);
      return isIt(story);
    }, 'the story has come so far');
    return story ?? assert.fail();
  };

  it('has the items that failed and those that wait, and says what it waits for', async () => {
    const { id, place } = await jobOf({ cups: ['tea', 'milk', 'beer'] });
    const story = await told(id, ({ items, job }) => {
      return items?.parked.length === 1 && items.failed.length === 1 && 'items' in job && job.items.succeeded === 1;
    });
    const { job, items, because, consumers, acceptedBy, cameFrom } = story;
    assert.equal(job.state, 'working');
    assert.partialDeepStrictEqual(items, { timed: 1, slowest: [{ index: 0, took: { attempt: 1, host: hostname() } }] });
    const [failed] = items?.failed ?? [];
    assert.deepEqual([failed?.index, failed?.reason, failed?.error.message], [1, 'refused', 'no milk']);
    const [parked] = items?.parked ?? [];
    assert.deepEqual([parked?.index, parked?.attempts, parked?.status], [2, 1, 500]);
    assert.match(
      because ?? '',
      /^It waits for 1 item\. 1 of them waits for another attempt; item 2: It failed 1 time, last with ".+", and is tried again at .+\.$/,
    );
    assert.deepEqual(
      consumers.map(({ consumer }) => consumer.name),
      ['cups'],
    );
    assert.deepEqual([acceptedBy, cameFrom.map(({ id: from }) => from)], ['consumer', [place]]);
    const [found, ...others] = await site.findJob(id);
    assert.deepEqual(
      [found?.owner, found?.job, others],
      [{ kind: 'FanOut', namespace: 'default', name: 'cups' }, id, []],
    );
  });

  it('says that it waits to be gathered, and leads to the event of its end', async () => {
    gathers = { status: 500, body: { detail: 'no tray' } };
    const { id } = await jobOf({ cups: ['tea'] });
    const { because, consumers } = await told(id, story => story.consumers[0]?.fate === 'parked');
    assert.deepEqual([consumers[0]?.consumer.name, consumers[0]?.attempts], ['cups/gathers', 1]);
    assert.match(because ?? '', /^It failed 1 time, last with ".+", and is tried again at/);
    gathers = { status: 200, body: { all: true } };
    const { id: other, place } = await jobOf({ cups: ['tea'] });
    const story = await told(other, ({ ledTo }) => ledTo.length > 0);
    assert.deepEqual([story.job.state, story.result?.status], ['succeeded', 200]);
    assert.deepEqual(
      story.ledTo.map(({ how, of }) => [how, of.name]),
      [['end', 'ends']],
    );
    const [end] = (await site.tell('ends', story.ledTo[0]?.id ?? '')).cameFrom;
    assert.deepEqual([end?.how, end?.id], ['end', other]);
    assert.ok(story.keptUntil);
    // Its input is kept with its state.
    const { facts } = fanOutLayoutOf('default', 'cups');
    const [partition, offset] = other.split('-').map(Number);
    await site.log.trim(facts, partition ?? 0, (offset ?? 0) + 1);
    const trimmed = await site.tellJob('FanOut', 'cups', other);
    assert.deepEqual(
      trimmed.cameFrom.map(({ id: from }) => from),
      [place],
    );
    assert.equal((await site.findJob(other)).length, 1);
  });

  it('leads from a job that an item was made to the job of that item', async () => {
    const { id: parent } = await jobOf({ parties: [{ cups: ['milk', 'milk'] }] }, 'parties');
    const { items } = await told(parent, story => story.items?.failed.length === 1, 'parties');
    assert.equal(items?.slowest, undefined);
    const [, nested = ''] = /The job (\S+) that/.exec(items?.failed[0]?.error.message ?? '') ?? [];
    const story = await site.tellJob('FanOut', 'cups', nested);
    assert.deepEqual([story.job.state, story.acceptedBy], ['failed', 'consumer']);
    assert.deepEqual(
      story.cameFrom.map(({ of, id }) => [of.name, id]),
      [['parties', parent]],
    );
    await assert.rejects(site.tellJob('FanOut', 'cups', '0-99-0123456789abcdef'), { code: 'not-found' });
    await assert.rejects(site.tellJob('FanOut', 'none', nested), { code: 'not-found' });
  });

  it('says who has cancelled it, or redriven it', async () => {
    const path = (id: string) => `/api/fan-outs/jobs/default/cups/${id}`;
    const entry = { id: '1', from: '::1', by: 'token ada', at: toTimestamp(Date.now()), outcome: 'done' } as const;
    const { id: ended } = await jobOf({ cups: ['beer'] });
    await site.fanOuts.cancel('default', 'cups', ended);
    const { id: again } = await jobOf({ cups: ['milk', 'milk'] });
    await told(again, ({ job }) => job.state === 'failed');
    await site.fanOuts.redrive('default', 'cups', again);
    audit = [
      { ...entry, action: `POST ${path(again)}/redrive` },
      { ...entry, action: `DELETE ${path(ended)}` },
    ];
    const by = { by: entry.by, at: entry.at };
    const { cancelledBy } = await told(ended, ({ job }) => job.state === 'cancelled');
    assert.deepEqual(cancelledBy, { action: 'cancel', ...by });
    const { redrivenBy } = await told(again, ({ job }) => 'redriven' in job && job.redriven > 0);
    assert.deepEqual(redrivenBy, { action: 'redrive', ...by });
  });
});
