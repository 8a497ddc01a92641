// The story of an event beside what cannot be read: who is named for a decision, a partition
// without a leader, a log that does not answer, and callers that leave.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import { TenfoldError } from '../../../../core/errors.ts';
import { deadTopicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { createDeeds } from '../../../../server/events/stories/deeds.ts';
import { encodeLetter } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { nameOfConsumer } from '../../../../worker/plan/event-plan.ts';
import { EVENTS, letter, storiesOf, TOPIC, useOneConsumer } from './one-consumer.ts';

const signal = new AbortController().signal;

describe('the story of an event', () => {
  const site = useOneConsumer();
  const { commit, claim } = site;

  it('names who skipped a held event, and not who did so before it was redriven and failed again', async () => {
    await commit({ position: 5, top: 5 });
    await claim();
    const at = Date.parse('2026-01-01T01:00:00Z');
    const again = { ...letter(3), generation: 1, at };
    await site.log.append(deadTopicOf(site.plan.settings.group), [encodeLetter(again)]);
    const { kind, namespace, name } = nameOfConsumer(site.plan);
    const deedsOf = (time: number) => {
      const entry: AuditEntry = {
        id: '1',
        at: new Date(time).toISOString(),
        action: 'POST /api/dead-letters/commands',
        by: 'token ann',
        from: '::1',
        namespace,
        outcome: 'done',
        asked: { action: 'skip', kind, name, ids: ['0-3'] },
      };
      const audit = { list: async () => ({ items: [entry] }) };
      return createDeeds({ world: realWorld, audit, operations: () => ({ items: assert.fail }) });
    };
    const letters = site.letters();
    const deciderOf = async (time: number) => {
      const stories = storiesOf(site.log, site.plan, letters, deedsOf(time));
      const [story] = (await stories.tell('default', 'orders', '0-3', {}, signal)).consumers;
      assert.equal(story?.fate, 'dead');
      return story?.by?.by;
    };
    assert.equal(await deciderOf(at + 60_000), 'token ann');
    assert.equal(await deciderOf(at - 60_000), undefined);
  });

  it('is told while another partition of the topic cannot be measured', async () => {
    await commit({ position: 3, top: 3 });
    const away = new TenfoldError('log-unavailable', 'Partition 1 has no leader.');
    const bounds: EventLog['bounds'] = async topic => (topic === TOPIC ? Promise.reject(away) : site.log.bounds(topic));
    const letters = site.letters();
    const stories = storiesOf({ ...site.log, bounds }, site.plan, letters);
    const { consumers } = await stories.tell('default', 'orders', '0-1', {}, signal);
    assert.equal(consumers[0]?.fate, 'done');
    for (const id of ['1-0', `0-${EVENTS}`]) {
      await assert.rejects(stories.tell('default', 'orders', id, {}, signal), { code: 'not-found' }, id);
    }
  });

  for (const read of ['bounds', 'positions', 'read'] as const) {
    it(`gives its turn back when who asked for it leaves while "${read}" of the log does not answer`, async () => {
      await commit({});
      const hangs = Promise.withResolvers<void>();
      let isAway = true;
      const slow = async (...of: never[]) => {
        hangs.resolve();
        return isAway ? new Promise<never>(() => {}) : (site.log[read] as (...each: never[]) => unknown)(...of);
      };
      const letters = site.letters();
      const stories = storiesOf({ ...site.log, [read]: slow }, site.plan, letters);
      const asks = new AbortController();
      const asked = stories.tell('default', 'orders', '0-1', {}, asks.signal);
      await hangs.promise;
      asks.abort(new Error('gone'));
      await assert.rejects(asked, /gone/);
      isAway = false;
      assert.equal((await stories.tell('default', 'orders', '0-1', {}, signal)).consumers.length, 1);
    });
  }

  it('ends with who asked for it', async () => {
    await commit({});
    const gone = AbortSignal.abort(new Error('gone'));
    const stories = storiesOf(site.log, site.plan, site.letters());
    await assert.rejects(stories.tell('default', 'orders', '0-1', {}, gone), /gone/);
    await assert.rejects(stories.tell('default', 'none', '0-1', {}, signal), { code: 'not-found' });
  });
});
