// `tenfold diagnose`: a paragraph for each finding, data for programs, and exit codes.
import assert from 'node:assert/strict';
import { fakeConsumer, fakeFailure } from '../../fakes/consumer-report.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { type AdminRun, startAdminRun } from '../events/admin-run.ts';

describe('diagnose', () => {
  let admin: AdminRun | undefined;
  afterEach(() => {
    admin?.close();
    admin = undefined;
  });
  const wall = fakeResource('Subscription', 'wall', { namespace: 'shop' });
  const well = { parkedKeys: 0, parkedEvents: 0, lag: 0, oldestAgeMs: undefined };
  const start = async (consumer: Parameters<typeof fakeConsumer>[1]) => {
    const consumers = async () => [fakeConsumer('wall', { namespace: 'shop', ...consumer })];
    admin = await startAdminRun({ consumers }, { view: { resources: [wall] } });
    return admin;
  };

  it('says that all is well, and ends with 0', async () => {
    const { code, stdout } = await (await start(well)).run(['diagnose']);
    assert.equal(stdout, 'All is well. 1 resource looked at.\n');
    assert.equal(code, 0);
  });

  it('says what is wrong, why, and what to do, and ends with 6', async () => {
    const { code, stdout } = await (await start({ newestFailure: fakeFailure })).run(['diagnose']);
    assert.equal(code, 6);
    const [finding = '', counts] = stdout.split('\n\n');
    const [head = '', message, cause, next] = finding.split('\n');
    assert.match(head, /^error {2}Subscription wall in shop: KeysParked, for 1m\d+s$/);
    assert.equal(message, '  1 key has failed and will be tried again; 2 events are parked.');
    assert.match(cause ?? '', /^ {2}Cause: .*no price for boom/);
    assert.match(next ?? '', /^ {2}Next: tenfold parked list subscription\/wall -n shop$/);
    assert.equal(counts, '1 error, 0 warnings; 1 resource looked at.\n');
  });

  it('gives data, with the same exit code', async () => {
    const { code, stdout } = await (await start({})).run(['diagnose', '-o', 'json']);
    assert.equal(code, 6);
    assert.equal(JSON.parse(stdout).findings[0].reason, 'KeysParked');
  });

  it('does not call well what cannot be asked', async () => {
    const consumers = () => Promise.reject(new Error('away'));
    admin = await startAdminRun({ consumers }, { view: { resources: [wall] } });
    const { code, stdout } = await admin.run(['diagnose']);
    assert.equal(code, 6);
    assert.match(stdout, /^unknown {2}The event log or the store does not answer: nothing is known of consumers\.$/m);
  });

  it('keeps to a namespace', async () => {
    const all = await start({});
    assert.equal((await all.run(['diagnose', '-n', 'shop'])).code, 6);
    const { code, stderr } = await all.run(['diagnose', '-n', 'shpo']);
    assert.equal(code, 3);
    assert.match(stderr, /There are no resources in namespace "shpo"\./);
  });
});
