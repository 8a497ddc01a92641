// Operations on parked events and on jobs in a whole platform, by the admin API: each takes what
// its filter selects and nothing else, and the rest stays where it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationPlan, OperationReport } from '../../admin/commands/operation-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { FILES } from './operations-app.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const ITEMS = ['tea-1', 'tea-2', 'tea-3', 'mocha-1', 'mocha-2'];
const receipts = { kind: 'Subscription', name: 'receipts' };
const exported = { kind: 'Queue', name: 'exports' };

describe('operations of a whole platform', () => {
  let platform: RunningProcess;
  let token = '';
  before(async () => {
    const directory = tempFolder(FILES);
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
    token = JSON.parse(readFileSync(join(directory, '.tenfold', 'platform.json'), 'utf8')).adminToken;
  });
  after(async () => {
    await platform?.end('SIGKILL');
    removeTempFolders();
  });

  const send = (url: string, method: string, body?: unknown, credentials?: string) =>
    fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...(credentials && { authorization: `Bearer ${credentials}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const post = async (path: string, data: unknown, method = 'POST') => {
    const answer = await send(platform.addresses.public + path, method, data);
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer;
  };
  const admin = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const answer = await send(`${platform.addresses.admin}/api${path}`, method, body, token);
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return (await answer.json()) as T;
  };
  const keysOf = async (list: string) => {
    const { items } = await admin<{ items: { key: string }[] }>(`/${list}?kind=Subscription&name=receipts`);
    return items.map(({ key }) => key).sort();
  };
  /** Plans it, starts it, and waits until it has ended. */
  const carryOut = async (request: object): Promise<OperationReport> => {
    const plan = await admin<OperationPlan>('/operations', 'POST', request);
    const { id } = plan;
    await admin(`/operations/default/${id}/start`, 'POST', { token: plan.token });
    let report = await admin<OperationReport>(`/operations/default/${id}`);
    await eventually(async () => {
      report = await admin<OperationReport>(`/operations/default/${id}`);
      return report.endedAt !== undefined;
    }, 'it has ended');
    return report;
  };
  const counts = ({ state, done, refused, inDoubt }: OperationReport) => [state, done, refused, inDoubt];

  it('give up the parked events whose error has a text, and leave the others parked', async () => {
    for (const item of ITEMS) await post('/orders', { item });
    await eventually(async () => (await keysOf('parked')).length === ITEMS.length, 'all are parked');
    const report = await carryOut({ action: 'give-up', ...receipts, query: { text: 'no leaves' } });
    assert.deepEqual(counts(report), ['done', 3, 0, 0]);
    await eventually(async () => (await keysOf('dead-letters')).length === 3, 'they are dead letters');
    assert.deepEqual(await keysOf('dead-letters'), ['tea-1', 'tea-2', 'tea-3']);
    assert.deepEqual(await keysOf('parked'), ['mocha-1', 'mocha-2']);
  });

  it('cancel the jobs in a state, and leave the one that is worked', async () => {
    for (let page = 0; page < 4; page++) await post('/exports', { page });
    const states = async () => {
      const { items } = await admin<{ items: { state: string }[] }>('/jobs?queue=exports');
      return items.map(({ state }) => state).sort();
    };
    const begun = ['queued', 'queued', 'queued', 'running'];
    await eventually(async () => (await states()).join() === begun.join(), 'one is worked, and three wait');
    const report = await carryOut({ action: 'cancel', ...exported, query: { state: 'queued' } });
    assert.deepEqual(counts(report), ['done', 3, 0, 0]);
    await eventually(
      async () => (await states()).join() === ['cancelled', 'cancelled', 'cancelled', 'running'].join(),
      'three are cancelled',
    );
  });

  it('try a parked key now, and leave the others to their time', async () => {
    await post('/mended', {}, 'PUT');
    const report = await carryOut({ action: 'retry-now', ...receipts, query: { key: 'mocha-2' } });
    assert.deepEqual(counts(report), ['done', 1, 0, 0]);
    await eventually(async () => (await keysOf('parked')).join() === 'mocha-1', 'it is handled');
  });
});
