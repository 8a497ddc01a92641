// Contract of the events of a Topic: followers see the last events and those that come, and end.
import assert from 'node:assert/strict';
import type { FollowQuery, TopicLine } from '../../../admin/topic-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { ScanBudget } from '../../../server/events/topics/scan-topic.ts';
import { type LogSubject, rejectsWith } from '../event-log/subject.ts';
import { NO_BOUND, orderOf, readTo, TopicSite } from './site.ts';

export function following(subject: () => LogSubject): void {
  describe('followers', () => {
    const site = new TopicSite(subject);
    site.use();
    const eventsOf = (lines: readonly TopicLine[]) =>
      lines.flatMap(line => (line.kind === 'event' ? [line.event.id] : []));
    const isAt = (line: TopicLine) => line.kind === 'at';
    const isEvent = (id: string) => (line: TopicLine) => line.kind === 'event' && line.event.id === id;

    it('see what comes, with a position to go on from', async () => {
      await site.publish(orderOf('a'));
      const { lines } = site.follow({ filter: 'event.id != "c"' });
      assert.deepEqual(eventsOf(await readTo(lines, isAt)), []);
      await site.publish(orderOf('b'), orderOf('c'), orderOf('d'));
      assert.deepEqual(eventsOf(await readTo(lines, isEvent('d'))), ['b', 'd']);
      const at = (await readTo(lines, isAt)).at(-1);
      await lines.return(undefined);
      await site.publish(orderOf('e'));
      const again = site.follow({ from: at?.kind === 'at' ? at.position : '' });
      assert.deepEqual(eventsOf(await readTo(again.lines, isEvent('e'))), ['e']);
      await again.lines.return(undefined);
    });

    it('see events of partitions that are added', async () => {
      const { lines } = site.follow({});
      await readTo(lines, isAt);
      await site.log.ensureTopic(site.topic, { partitions: 5 });
      await site.publish(orderOf('new', { partition: 4 }));
      assert.deepEqual(eventsOf(await readTo(lines, isEvent('new'))), ['new']);
      await lines.return(undefined);
    });

    it('begin with the last that are wanted, however far back', async () => {
      const odd = orderOf('odd', { partition: 1, type: 'Odd' });
      await site.publish(
        odd,
        ...Array.from({ length: 60 }, (_, index) => orderOf(`e${index}`, { partition: index % 3 })),
      );
      const last = async (query: FollowQuery, budget?: Partial<ScanBudget>) => {
        const { lines } = site.follow({ ...query, follow: false }, site.events(budget));
        return readTo(lines, line => line.kind === 'done');
      };
      // Those of one millisecond come in the order of their partitions.
      assert.deepEqual(eventsOf(await last({ last: 4 })), ['e56', 'e57', 'e58', 'e59']);
      assert.deepEqual(eventsOf(await last({ last: 2, filter: 'event.type == "Odd"' })), ['odd']);
      assert.equal(eventsOf(await last({ last: 1000 })).length, 61);
      const short = await last({ last: 2, filter: 'event.type == "Odd"' }, { ...NO_BOUND, records: 5 });
      const [incomplete] = short.filter(line => line.kind === 'incomplete');
      assert.equal(incomplete?.found, 0);
      assert.ok((incomplete?.scanned ?? 0) >= 20);
    });

    it('begin with the last that are wanted, where one partition is busier than the others', async () => {
      const odd = (id: string, partition: number) => orderOf(id, { partition, type: 'Odd' });
      await site.publish(...Array.from({ length: 6 }, (_, index) => odd(`old${index}`, 1)));
      const busy = Array.from({ length: 80 }, (_, index) =>
        index % 20 === 0 ? odd(`new${index}`, 0) : orderOf(`e${index}`, { partition: 0 }),
      );
      await site.publish(...busy);
      const { lines } = site.follow({ last: 3, filter: 'event.type == "Odd"', follow: false });
      const read = await readTo(lines, line => line.kind === 'done');
      assert.deepEqual(eventsOf(read), ['new20', 'new40', 'new60']);
    });

    it('say that they have searched for long enough', async () => {
      await site.publish(...Array.from({ length: 40 }, (_, index) => orderOf(`e${index}`, { partition: 0 })));
      const query = { last: 30, filter: 'event.id == "e0"', follow: false };
      const { lines } = site.follow(query, site.events({ ms: 0 }));
      const read = await readTo(lines, line => line.kind === 'done');
      assert.ok(read.some(line => line.kind === 'incomplete'));
    });

    it('end when the caller leaves, when the Topic goes, and when the platform ends', async () => {
      const left = site.follow({});
      await readTo(left.lines, isAt);
      left.stop.abort(new Error('gone'));
      await assert.rejects(left.lines.next(), /gone/);
      const made = site.events();
      const ended = site.follow({}, made);
      await readTo(ended.lines, isAt);
      made.close();
      await rejectsWith('shutting-down', ended.lines.next());
      const lost = site.follow({});
      await readTo(lost.lines, isAt);
      site.resources = [];
      await rejectsWith('not-found', lost.lines.next());
    });

    it('are not more than a namespace may have, and keep out no other namespace', async () => {
      const made = site.events(NO_BOUND, { followers: 2 });
      const two = [site.follow({}, made), site.follow({}, made)];
      for (const { lines } of two) await readTo(lines, isAt);
      await rejectsWith('overloaded', site.follow({}, made).lines.next());
      await two[0]?.lines.return(undefined);
      site.resources = [...site.resources, site.resourceOf(site.topic, 'other')];
      const other = made.follow('other', 'orders', {}, new AbortController().signal);
      await readTo(other, isAt);
      await other.return(undefined);
      const third = site.follow({}, made);
      await readTo(third.lines, isAt);
      for (const { lines } of [...two, third]) await lines.return(undefined);
    });

    it('hear why a filter does not compile before anything is sent', async () => {
      const error = await site
        .follow({ filter: 'event.' })
        .lines.next()
        .catch((thrown: unknown) => thrown);
      assert.ok(error instanceof TenfoldError && error.code === 'invalid-expression');
    });
  });
}
