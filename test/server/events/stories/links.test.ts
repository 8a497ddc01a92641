// What an event led to and what it was made of, through Subscriptions, Pipelines, Queues, FanOuts,
// replies and dead letters; and how far the log was searched for it.
import assert from 'node:assert/strict';
import type { StoryLink } from '../../../../admin/story-view.ts';
import { topicOf } from '../../../../core/names.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite, type Played } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 2, key: "\${event.data.table}" }
kind: Topic; metadata: { name: copies }; spec: { partitions: 2 }
kind: Topic; metadata: { name: replies }; spec: { partitions: 1 }
kind: Topic; metadata: { name: given-up }; spec: { partitions: 1 }
kind: Topic; metadata: { name: parts }; spec: { partitions: 1 }
kind: Topic; metadata: { name: counts }; spec: { partitions: 1 }
kind: Topic; metadata: { name: ends }; spec: { partitions: 1 }
kind: Subscription; metadata: { name: copy }; spec: { topic: orders, from: earliest, to: { topic: copies } }
kind: Subscription; metadata: { name: again }; spec: { topic: copies, from: earliest, to: { view: tables } }
kind: Subscription; metadata: { name: ask }; spec: { topic: orders, from: earliest, to: { function: answer }, reply: { topic: replies }, retry: { attempts: 1 }, deadLetter: { topic: given-up } }
kind: Subscription; metadata: { name: enqueue }; spec: { topic: orders, from: earliest, to: { queue: imports } }
kind: Subscription; metadata: { name: divide }; spec: { topic: orders, from: earliest, to: { fanOut: cups } }
kind: View; metadata: { name: tables }; spec: { table: { key: "\${event.data.table}" } }
kind: Queue; metadata: { name: imports }; spec: { to: { function: import }, partitions: 2 }
kind: FanOut; metadata: { name: cups }; spec: { split: "\${event.data.cups}", worker: { function: brew }, complete: { topic: ends } }
kind: Pipeline; metadata: { name: split }; spec: { from: { topic: orders, start: earliest }, steps: [{ flatMap: "\${event.data.cups}" }], to: [{ topic: parts, key: "\${event.id}" }, { function: brew }] }
kind: Pipeline; metadata: { name: count }; spec: { from: { topic: orders, start: earliest }, steps: [{ window: { tumbling: 1m, by: "\${event.data.table}", aggregate: { cups: "count()" }, emit: changes } }], to: [{ topic: counts }] }
kind: Function; metadata: { name: answer }; spec: { url: "http://answer.example" }
kind: Function; metadata: { name: import }; spec: { url: "http://import.example" }
kind: Function; metadata: { name: brew }; spec: { url: "http://brew.example" }
`;

const shown = (links: readonly StoryLink[]) =>
  links.map(({ how, by, of }) => `${how} ${of.kind}/${of.name} by ${by.kind}/${by.name}`).sort();

overEachLog('what an event led to', log => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  let isBroken = false;
  const play = (name: string): Played => {
    if (name !== 'answer') return { status: 200, body: {} };
    if (isBroken) return { status: 422, body: { detail: 'no' } };
    const headers = ['ce-specversion', '1.0', 'ce-id', 'own', 'ce-source', '/bar', 'ce-type', 'Answered'];
    return { status: 200, headers: [...headers, 'content-type', 'application/json'], body: { yes: true } };
  };

  before(async () => {
    site = await openStorySite({ app: APP, folder: tempFolder(), log, play });
    stop = await site.start();
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });
  const order = (table: string) => site.publish('orders', { table, cups: ['tea', 'milk'] }, { key: table });
  const linksOf = async (topic: string, id: string) => (await site.tell(topic, id)).ledTo;
  const one = (links: readonly StoryLink[], of: string) =>
    links.find(link => `${link.of.kind}/${link.of.name}` === of) ?? assert.fail(`nothing in ${of}`);

  const ALL = [
    'reply Topic/replies by Subscription/ask',
    'to FanOut/cups by Subscription/divide',
    'to Queue/imports by Subscription/enqueue',
    'to Topic/copies by Subscription/copy',
    'to Topic/parts by Pipeline/split',
    'to Topic/parts by Pipeline/split',
  ];

  it('names the events, the jobs and the fan-outs that were made of it, once each', async () => {
    const [other, id] = [await order('t0'), await order('t1')];
    await eventually(async () => shown(await linksOf('orders', id)).length >= ALL.length, 'all is there');
    const links = await linksOf('orders', id);
    assert.deepEqual(shown(links), ALL);
    const others = await linksOf('orders', other);
    const isOfBoth = others.filter(({ of, id: place }) =>
      links.some(each => each.of.name === of.name && each.id === place),
    );
    assert.deepEqual(isOfBoth, []);
    assert.match(one(links, 'Queue/imports').id ?? '', /^\d-\d+-[0-9a-f]{16}$/);
    assert.match(one(links, 'FanOut/cups').id ?? '', /^\d-\d+-[0-9a-f]{16}$/);
  });

  it('goes on from there, down and up again', async () => {
    const id = await order('t2');
    await eventually(async () => shown(await linksOf('orders', id)).length >= ALL.length, 'all is there');
    const links = await linksOf('orders', id);
    const copy = one(links, 'Topic/copies').id ?? '';
    await eventually(async () => (await linksOf('copies', copy)).length === 1, 'the View is fed');
    assert.deepEqual(shown(await linksOf('copies', copy)), ['to View/tables by Subscription/again']);
    const cause = async (topic: string, place: string | undefined) => (await site.tell(topic, place ?? '')).cameFrom;
    const up = { of: { kind: 'Topic', namespace: 'default', name: 'orders' }, id };
    for (const topic of ['copies', 'replies', 'parts']) {
      const [first, ...more] = await cause(topic, one(links, `Topic/${topic}`).id);
      assert.deepEqual([{ of: first?.of, id: first?.id }, more], [up, []], topic);
    }
    assert.deepEqual(await cause('orders', id), []);
    assert.deepEqual(
      (await cause('counts', '0-0')).map(({ how }) => how),
      ['window'],
    );
    await eventually(
      async () => ((await site.log.bounds(topicOf('default', 'ends')))?.[0]?.end ?? 0) > 0,
      'a job ends',
    );
    const [end] = await cause('ends', '0-0');
    assert.deepEqual([end?.how, end?.of.name], ['end', 'cups']);
  });

  it('names the dead letter that was published, and where that came from', async () => {
    isBroken = true;
    const id = await order('t3');
    const isLetter = ({ how }: StoryLink) => how === 'dead letter';
    await eventually(async () => (await linksOf('orders', id)).some(isLetter), 'it is given up');
    isBroken = false;
    const letter = (await linksOf('orders', id)).find(isLetter) ?? assert.fail();
    assert.equal(letter.of.name, 'given-up');
    const [origin] = (await site.tell('given-up', letter.id ?? '')).cameFrom;
    assert.deepEqual([origin?.how, origin?.of.name, origin?.id], ['dead letter', 'orders', id]);
  });

  it('is fooled by no id of a stranger', async () => {
    const forged = await site.publish('replies', {}, { id: 'subscription.other.ask/0-0' });
    assert.deepEqual((await site.tell('replies', forged)).cameFrom, []);
  });
});

overEachLog('the search for what an event led to', log => {
  it('says where it has stopped, and goes on from there', async () => {
    const limits = { records: 20, bytes: 1_000_000 };
    const site = await openStorySite({ app: APP, folder: tempFolder(), log, limits, play: () => ({ status: 200 }) });
    const id = await site.publish('orders', { table: 't', cups: [] }, { key: 't' });
    for (let n = 0; n < 60; n++) await site.publish('copies', { n }, { key: `other-${n}` });
    const stop = await site.start();
    try {
      const told = async (ledSince?: string) => site.tell('orders', id, ledSince === undefined ? {} : { ledSince });
      await eventually(
        async () => (await told()).consumers.find(({ consumer }) => consumer.name === 'copy')?.fate === 'done',
        'it is copied',
      );
      const found: StoryLink[] = [];
      let since: string | undefined;
      let searches = 0;
      do {
        const story = await told(since);
        found.push(...story.ledTo.filter(({ of }) => of.name === 'copies'));
        since = story.unreadAfter?.filter(({ of }) => of.name === 'copies')[0]?.at;
        assert.ok(++searches < 100, 'it gets on');
      } while (since !== undefined && found.length === 0);
      assert.equal(found.length, 1);
      assert.ok(searches > 1, 'it has stopped');
    } finally {
      await stop();
      await site.close();
      removeTempFolders();
    }
  });
});

const BESIDE = `
kind: Topic; metadata: { name: a }; spec: { partitions: 1 }
kind: Topic; metadata: { name: b }; spec: { partitions: 1 }
kind: Subscription; metadata: { name: copy }; spec: { topic: a, from: earliest, to: { topic: b } }
kind: Pipeline; metadata: { name: p }; spec: { from: { topic: a, start: earliest }, steps: [{ map: { function: slow } }], to: [{ topic: b }] }
kind: Function; metadata: { name: slow }; spec: { url: "http://slow.example" }
`;

overEachLog('an event that was copied to a topic and mapped to it', log => {
  it('has led to both', async () => {
    const endOfB = async () => (await site.log.bounds(topicOf('default', 'b')))?.[0]?.end ?? 0;
    const play = async (): Promise<Played> => {
      await eventually(async () => (await endOfB()) > 0, 'it is copied');
      return { status: 200, body: {} };
    };
    const site = await openStorySite({ app: BESIDE, folder: tempFolder(), log, play });
    const id = await site.publish('a', {}, { id: 'first' });
    const stop = await site.start();
    try {
      await eventually(async () => (await endOfB()) === 2, 'both have come');
      const told = async () =>
        (await site.tell('a', id)).ledTo.map(({ by, eventId }) => `${by.kind} ${eventId}`).sort();
      await eventually(async () => (await told()).length === 2, 'both are told');
      assert.deepEqual(await told(), ['Pipeline p/0/0-0', 'Subscription first']);
    } finally {
      await stop();
      await site.close();
      removeTempFolders();
    }
  });
});
