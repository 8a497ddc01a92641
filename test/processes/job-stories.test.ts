// The story of a job over kills of the whole platform: who works on it, since when nobody does, and
// who paused its Queue; and of an event, who purged it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobSummary } from '../../admin/job-view.ts';
import type { EventStory, JobStory } from '../../admin/story-view.ts';
import type { JobView } from '../../core/jobs/job-view.ts';
import { CLOCKS_DIFFER_MS } from '../../server/events/stories/log-scan.ts';
import { runCli } from '../cli/run-cli.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: receipts }
spec: { topic: orders, from: earliest, to: { function: menu }, retry: { attempts: 1 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: exports }
spec: { to: { function: menu } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: menu }
spec: { source: ./menu.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /exports }, to: { queue: exports } }
`;
const STUCK = `import { event } from 'tenfold';
export default event<{ item: string }>(async ({ data }) => {
  if (data.item === 'boom') throw new RangeError('no price for boom');
  await new Promise(() => {});
});
`;
const QUICK = `import { event } from 'tenfold';
export default event(() => ({ rows: 7 }));
`;

describe('the story of a job over kills', () => {
  let directory: string;
  let platform: RunningProcess;
  let job: string;
  let location: string;

  const start = async () => {
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
  };
  const admin = async <T>(path: string): Promise<T> => JSON.parse(await (await platform.admin(path)).text());
  const post = async (path: string, item: string): Promise<Response> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${platform.addresses.public}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ item }),
    });
    assert.ok(answer.ok, `${answer.status}`);
    return answer;
  };
  const cli = async (...words: string[]): Promise<string> => {
    const { stdout, stderr, code } = await runCli([...words, '--dir', directory]);
    assert.equal(code, 0, stderr);
    return stdout.replaceAll(/\s+/g, ' ');
  };
  /** As clients of the endpoint see it. */
  const shown = async (): Promise<JobView> =>
    JSON.parse(await (await fetch(new URL(location, platform.addresses.public))).text());
  const told = () => admin<JobStory & { readonly job: JobSummary }>(`/api/jobs/default/exports/${job}/story`);

  before(async () => {
    directory = tempFolder({ 'app.yaml': APP, 'menu.ts': STUCK });
    await start();
    const accepted = await post('/exports', 'slow');
    const { id }: JobSummary = JSON.parse(await accepted.text());
    job = id;
    location = accepted.headers.get('location') ?? '';
  });
  after(async () => {
    await platform?.end('SIGKILL');
    removeTempFolders();
  });

  it('says since when it is worked on, and after a kill since when that is so again', async () => {
    await eventually(async () => (await told()).job.state === 'running', 'it runs');
    const first = await told();
    assert.deepEqual([first.acceptedBy, first.consumers[0]?.fate], ['endpoint', 'running']);
    await platform.end('SIGKILL');
    await start();
    const since = ({ job: { startedAt = '' } }: { readonly job: JobSummary }) => Date.parse(startedAt);
    await eventually(async () => since(await told()) > since(first), 'it is worked on again');
    assert.match((await told()).because ?? '', /Attempt 1 began at .+ and has not ended/);
    assert.match(await cli('story', job), /Job of queue\/exports, running/);
  });

  it('says since when nobody works on it, and who paused its Queue', async () => {
    await cli('subscriptions', 'pause', 'queue/exports');
    // The clock of a worker may differ from that of the log, so a claim counts from then on alone.
    const from = Date.parse((await told()).job.startedAt ?? '') + CLOCKS_DIFFER_MS;
    await eventually(() => Date.now() > from, 'a claim counts');
    await platform.end('SIGKILL');
    await start();
    await eventually(async () => (await told()).because?.includes('paused by') ?? false, 'it is paused');
    const { job: summary, attemptLostAt = '', because = '' } = await told();
    assert.equal(summary.state, 'waiting');
    assert.equal(JSON.parse(await cli('jobs', 'show', 'exports', job, '-o', 'json')).state, 'waiting');
    assert.match(await cli('jobs', 'list', 'exports', '--state', 'waiting', '-o', 'name'), new RegExp(job));
    assert.equal((await shown()).state, 'waiting');
    assert.ok(because.includes(`Its worker lost the partition at ${attemptLostAt}`), because);
    assert.match(because, /The consumer was paused by admin token at \d{4}-/);
    assert.match(await cli('story', job), /exports, waiting .+ paused by admin token at/);
  });

  it('says how it ended, and what it answered', async () => {
    writeFileSync(join(directory, 'menu.ts'), QUICK);
    await cli('subscriptions', 'resume', 'queue/exports');
    await eventually(async () => (await told()).consumers[0]?.fate === 'done', 'it is done');
    const { job: summary, result, keptUntil } = await told();
    assert.deepEqual([summary.state, result?.bytes, keptUntil !== undefined], ['succeeded', 10, true]);
    assert.match(await cli('story', job), /Result 200 application\/json, 10 bytes, kept until/);
  });

  it('says who purged the dead letter of an event', async () => {
    writeFileSync(join(directory, 'menu.ts'), STUCK);
    const story = () => admin<EventStory>('/api/topics/default/orders/events/0-0/story');
    const fate = async () => (await story()).consumers[0]?.fate;
    await platform.end('SIGKILL');
    await start();
    await post('/orders', 'boom');
    await eventually(async () => (await fate()) === 'dead' && !(await story()).consumers[0]?.settling, 'it is dead');
    await cli('dead', 'purge', 'receipts', '0-0');
    await eventually(async () => (await fate()) === 'purged', 'it is purged');
    const { by } = (await story()).consumers[0] ?? {};
    assert.deepEqual([by?.action, by?.by], ['purge', 'admin token']);
    assert.match(await cli('story', '0-0', '--topic', 'orders'), /purged by admin token at/);
  });
});
