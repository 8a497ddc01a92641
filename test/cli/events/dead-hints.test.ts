// The next commands of `tenfold dead list` and `groups`, and what they say where they find nothing.
import assert from 'node:assert/strict';
import type { DeadLetterGroupPage } from '../../../admin/commands/dead-letter-view.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

describe('the hints of dead', () => {
  let admin: AdminRun;
  let groups: DeadLetterGroupPage = { items: [] };

  before(async () => {
    admin = await startAdminRun({
      consumers: async () => [fakeConsumer('wall'), fakeConsumer('foreign', { namespace: 'other' })],
      deadLetters: async () => ({ items: [] }),
      deadLetterGroups: async () => groups,
    });
  });
  after(() => admin.close());
  const run = (...words: string[]) => admin.run(['dead', ...words]);

  it('names the namespace in the command for a whole group', async () => {
    const times = { first: '2026-11-25T00:00:00.000Z', last: '2026-11-25T01:00:00.000Z' };
    groups = { items: [{ id: '3f9c01ab42', cause: 'expired', count: 1, ...times }] };
    const { stderr } = await run('groups', 'foreign', '-n', 'other');
    assert.match(stderr, /tenfold dead redrive subscription\/foreign --group 3f9c01ab42 -n other\n/);
  });

  it('says what --text is compared with, where it finds nothing', async () => {
    groups = { items: [] };
    for (const words of [['list'], ['list', 'wall'], ['groups', 'wall']]) {
      assert.match(
        (await run(...words, '--text', 'for 12')).stderr,
        /^No dead letters\.\n--text is compared with the cause/,
      );
      assert.equal((await run(...words)).stderr, 'No dead letters.\n');
    }
  });
});
