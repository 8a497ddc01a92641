// `tenfold audit`: the table, and the words of each outcome.
import assert from 'node:assert/strict';
import { type AuditEntry, type AuditQuery, noAudit } from '../../../admin/audit-view.ts';
import { type AdminRun, startAdminRun } from '../events/admin-run.ts';

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  id: 'a1',
  at: new Date(Date.now() - 61_500).toISOString(),
  action: 'POST /api/dead-letters/commands',
  by: 'admin token',
  from: '127.0.0.1',
  client: 'tenfold/1.0 (ann)\u001b[2J',
  outcome: 'done',
  asked: { action: 'purge' },
  status: 200,
  ms: 5,
  ...more,
});

describe('audit', () => {
  let admin: AdminRun | undefined;
  afterEach(() => admin?.close());
  const start = async (items: readonly AuditEntry[]) => {
    admin = await startAdminRun({}, { view: { audit: { ...noAudit, list: async () => ({ items }) } } });
    return admin;
  };

  it('shows the age, the action, the outcome, the caller and the client', async () => {
    const all = await start([
      entry({ taken: 3, failed: 1 }),
      entry({ outcome: 'refused', status: 409 }),
      entry({ outcome: 'unknown' }),
    ]);
    const { code, stdout } = await all.run(['audit']);
    assert.equal(code, 0);
    const [head = '', first = '', second = '', third = ''] = stdout.split('\n');
    assert.match(head, /^AGE +ACTION +OUTCOME +BY +CLIENT$/);
    assert.match(
      first,
      /^1m\d+s +POST \/api\/dead-letters\/commands +done, 3 taken, 1 not +admin token +tenfold\/1\.0 \(ann\)/,
    );
    assert.match(second, / refused \(409\) /);
    assert.match(third, / unknown /);
    assert.ok(!stdout.includes('\u001b'), 'what a client says of itself moves no cursor');
  });

  it('names the command and whose events it is about', async () => {
    const asked = { action: 'give-up', kind: 'Queue', name: 'imports', ids: ['0-1'] };
    const all = await start([
      entry({ action: 'POST /api/parked/commands', asked }),
      entry({ asked: '9000 characters of JSON' }),
    ]);
    const { stdout } = await all.run(['audit']);
    assert.match(stdout, / parked give-up queue\/imports +done/);
    assert.match(stdout, / POST \/api\/dead-letters\/commands +done/);
  });

  it('names the operation that was planned, changed or has ended', async () => {
    const asked = { action: 'redrive', kind: 'Subscription', name: 'wall', query: {} };
    const id = '2026-11-30-1f0c9a3e';
    const all = await start([
      entry({ action: 'POST /api/operations', asked, operation: id }),
      entry({ action: 'POST /api/operations', asked, outcome: 'refused', status: 409 }),
      entry({ action: `POST /api/operations/shop/${id}/start`, asked: { token: '(hidden)' } }),
      entry({ action: `POST /api/operations/default/${id}/stop`, asked: undefined }),
      entry({ action: `operation ${id}: redrive subscription/wall`, asked: { operation: id } }),
    ]);
    const { stdout } = await all.run(['audit']);
    const actions = stdout.split('\n').map(line => line.split(/ {2,}/)[1]);
    assert.deepEqual(actions.slice(1, 6), [
      `operation ${id}: plan redrive subscription/wall`,
      'operation: plan redrive subscription/wall',
      `operation ${id}: start`,
      `operation ${id}: stop`,
      `operation ${id}: redrive subscription/wall`,
    ]);
  });

  it('shows what was asked with -o wide, and gives data', async () => {
    const all = await start([entry({})]);
    assert.match((await all.run(['audit', '-o', 'wide'])).stdout, /\{"action":"purge"\}/);
    assert.equal(JSON.parse((await all.run(['audit', '-o', 'json'])).stdout).items[0].by, 'admin token');
  });

  it('asks for what the options say, and says so when nothing matches', async () => {
    const asked: AuditQuery[] = [];
    const list = async (query: AuditQuery) => {
      asked.push(query);
      return { items: [] };
    };
    admin = await startAdminRun({}, { view: { audit: { ...noAudit, list } } });
    const said = [
      '--by',
      'ann',
      '--action',
      'pause',
      '--outcome',
      'cut off',
      '--since',
      '2026-01-01',
      '--until',
      '2026-02-01',
    ];
    const { stderr } = await admin.run(['audit', ...said]);
    assert.equal(stderr, 'No entry of the audit log matches.\n');
    const times = { since: Date.parse('2026-01-01'), until: Date.parse('2026-02-01') };
    assert.deepEqual(asked, [{ by: 'ann', action: 'pause', outcome: 'cut off', ...times, limit: 50 }]);
    assert.equal((await admin.run(['audit', '--since', 'soon'])).code, 2);
  });

  it('says that there is nothing', async () => {
    const { stdout, stderr } = await (await start([])).run(['audit']);
    assert.deepEqual([stdout, stderr], ['', 'Nothing was changed by commands.\n']);
  });
});
