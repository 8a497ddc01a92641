// Contract of the events of a Topic: lists begin, go on and end as asked for, and find what is
// wanted.
import assert from 'node:assert/strict';
import type { TopicQuery } from '../../../admin/topic-view.ts';
import { type LogSubject, newName, rejectsWith } from '../event-log/subject.ts';
import { idsOf, NO_BOUND, orderOf, signal, TopicSite } from './site.ts';

export function finding(subject: () => LogSubject): void {
  describe('lists', () => {
    const site = new TopicSite(subject);
    site.use();

    it('have what was there, the oldest first, and say that they have come to the end', async () => {
      await site.publish(orderOf('a', { partition: 0 }), orderOf('b', { partition: 2, key: 'k' }));
      const page = await site.list();
      const [first, second] = page.items;
      assert.deepEqual(idsOf(page.items), ['a', 'b']);
      assert.deepEqual(page.progress, { done: 2, total: 2 });
      assert.deepEqual([page.ended, page.next, page.scanned], ['end', undefined, 2]);
      const { appendedAt, ...rest } = second ?? assert.fail();
      assert.ok(appendedAt !== undefined && appendedAt >= (first?.appendedAt ?? '~'));
      assert.deepEqual(rest, {
        partition: 2,
        offset: 0,
        key: 'k',
        id: 'b',
        type: 'OrderCreated',
        source: '/shop',
        contentType: 'application/json',
        data: { n: 'b' },
        bytes: 9,
      });
    });

    it('go on where they ended, and after the end with what came since', async () => {
      await site.publish(
        orderOf('a', { partition: 0 }),
        orderOf('b', { partition: 1 }),
        orderOf('c', { partition: 0 }),
      );
      const first = await site.list({ limit: 2 });
      assert.deepEqual([idsOf(first.items), first.ended], [['a', 'b'], 'limit']);
      await site.publish(orderOf('d', { partition: 1 }));
      const last = await site.list({ limit: 2, after: first.next ?? '' });
      assert.deepEqual([idsOf(last.items), last.ended, last.progress], [['c'], 'end', { done: 3, total: 3 }]);
      assert.deepEqual(idsOf((await site.list({ from: last.position })).items), ['d']);
    });

    it('begin at a time, at an event, or with what comes', async () => {
      await site.publish(orderOf('a', { partition: 1 }));
      const { items } = await site.list();
      const time = Date.parse(items[0]?.appendedAt ?? '') + 1;
      while (Date.now() <= time) await new Promise(resolve => setTimeout(resolve, 1));
      await site.publish(orderOf('b', { partition: 1 }), orderOf('c', { partition: 0 }));
      assert.deepEqual(idsOf((await site.list({ from: new Date(time).toISOString() })).items), ['b', 'c']);
      assert.deepEqual(idsOf((await site.list({ from: '1-1' })).items), ['b']);
      assert.deepEqual(idsOf((await site.list({ partition: 1 })).items), ['a', 'b']);
      const latest = await site.list({ from: 'latest' });
      assert.deepEqual([latest.items, latest.progress], [[], { done: 0, total: 0 }]);
      await site.publish(orderOf('d'));
      assert.deepEqual(idsOf((await site.list({ from: latest.position })).items), ['d']);
    });

    it('find by filter, key and id, all of which must hold', async () => {
      await site.publish(
        orderOf('a', { key: 'k1', data: '{"cups":1}' }),
        orderOf('b', { key: 'k2', data: '{"cups":5}' }),
        orderOf('c', { key: 'k1', data: '{"cups":7}' }),
      );
      const found = async (query: Partial<TopicQuery>) => idsOf((await site.list(query)).items);
      assert.deepEqual(await found({ filter: '${event.data.cups > 2}' }), ['b', 'c']);
      assert.deepEqual(await found({ filter: 'event.data.cups > 2', key: 'k1' }), ['c']);
      assert.deepEqual(await found({ id: 'b' }), ['b']);
      assert.deepEqual(await found({ id: 'b', key: 'k1' }), []);
      const { items: _, position: _2, ...rest } = await site.list({ id: 'none' });
      assert.deepEqual(rest, { ended: 'end', progress: { done: 3, total: 3 }, scanned: 3 });
    });

    it('say which events a filter could not decide about, once each', async () => {
      const odd = ['b', 'd', 'e'].map(id => orderOf(id, { partition: 0, data: '{}' }));
      await site.publish(orderOf('a', { partition: 0, data: '{"cups":1}' }), ...odd);
      const all = await site.pages({ filter: 'event.data.cups > 0', limit: 1 }, { ...NO_BOUND, records: 2 });
      assert.deepEqual(
        all.flatMap(({ items }) => idsOf(items)),
        ['a'],
      );
      const counts = all.map(({ undecided }) => undecided?.count ?? 0);
      assert.equal(
        counts.reduce((sum, each) => sum + each, 0),
        3,
      );
      const first = all.find(({ undecided }) => undecided !== undefined)?.undecided;
      assert.equal(first?.first, '0-1');
      assert.match(first?.message ?? '', /event\.data\.cups/);
    });

    it('show text, bytes and what is no event as what it is', async () => {
      const headers = { 'content-type': 'image/png', shop: 'north' };
      await site.log.append(site.topic, [
        { key: null, value: Buffer.from([0, 1, 255]), headers, partition: 0 },
        { ...orderOf('t', { partition: 0 }), value: Buffer.from('no json') },
      ]);
      const [first, second] = (await site.list()).items;
      assert.match(first?.unreadable ?? '', /specversion/);
      const { headers: own, base64, bytes, contentType } = first ?? {};
      assert.deepEqual(
        { own, base64, bytes, contentType },
        {
          own: { shop: 'north' },
          base64: Buffer.from([0, 1, 255]).toString('base64'),
          bytes: 3,
          contentType: 'image/png',
        },
      );
      assert.deepEqual([second?.id, second?.text, second?.data], ['t', 'no json', undefined]);
    });

    it('refuse what they cannot do, in words', async () => {
      const { position } = await site.list();
      const refusals: readonly [string, Partial<TopicQuery>][] = [
        ['bad-request', { from: 'soon' }],
        ['bad-request', { from: '2026-13-01T00:00:00Z' }],
        ['bad-request', { partition: 3 }],
        ['bad-request', { from: '7-1' }],
        ['bad-request', { from: '1-1', partition: 0 }],
        ['bad-request', { after: '3-17' }],
        ['bad-request', { after: position, from: 'earliest' }],
        ['bad-request', { after: `${position}A` }],
        ['bad-request', { after: position.slice(0, -1) }],
        ['bad-request', { from: 'at_' }],
        ['invalid-expression', { filter: 'event.tpye == "x"' }],
        ['invalid-expression', { filter: '${event.type}' }],
        ['invalid-expression', { filter: 'event.type == "x"} && ${true' }],
      ];
      for (const [code, query] of refusals)
        await rejectsWith(code, site.list(query)).catch(error => assert.fail(`${JSON.stringify(query)}: ${error}`));
      await rejectsWith('not-found', site.events().list('default', 'none', { limit: 1 }, signal));
      site.resources = [site.resourceOf(newName('unmade'))];
      await rejectsWith('not-ready', site.list());
      await rejectsWith(
        'bad-request',
        (async () => {
          await site.makeTopic(3);
          return site.list({ after: position });
        })(),
      );
    });

    it('stop where the caller has left', async () => {
      await site.publish(orderOf('a'));
      const gone = AbortSignal.abort(new Error('gone'));
      await assert.rejects(site.events().list('default', 'orders', { limit: 1 }, gone), /gone/);
    });

    it('keep out no other namespace', async () => {
      await site.publish(orderOf('a'));
      const { topic } = site;
      const hung = Promise.withResolvers<never>();
      hung.promise.catch(() => {});
      const made = site.events(NO_BOUND, {
        log: {
          ...site.log,
          read: (name, ...rest) => (name === topic ? hung.promise : site.log.read(name, ...rest)),
        },
      });
      await site.makeTopic(1);
      site.resources = [site.resourceOf(topic), site.resourceOf(site.topic, 'other')];
      const those = Array.from({ length: 10 }, () => made.list('default', 'orders', { limit: 1 }, signal));
      assert.deepEqual((await made.list('other', 'orders', { limit: 1 }, signal)).items, []);
      made.close();
      hung.reject(new Error('over'));
      assert.ok((await Promise.allSettled(those)).every(({ status }) => status === 'rejected'));
    });
  });
}
