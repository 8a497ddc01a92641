// What a running platform says of attempts: of no consumer more failed than were made, whatever mix
// of answers, batches and retries there is.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const RETRY = 'retry: { attempts: 3, initial: 1ms, max: 5ms }, timeout: 1s';
const consumer = (name: string, url: string, more: string) => `---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: ${name} }
spec: { topic: facts, to: { url: '${url}' }, from: earliest, concurrency: 4, ${RETRY}, ${more} }
`;
const appOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: facts }
spec: { partitions: 2, key: "\${event.data.key}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: in }
spec:
  routes:
    - { match: { method: POST, path: /facts }, to: { topic: facts } }
    - { match: { method: POST, path: /jobs }, to: { queue: jobs } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: jobs }
spec: { to: { url: '${url}' }, concurrency: 4, ${RETRY} }
${consumer('by-key', url, 'order: key')}${consumer('in-line', url, 'order: partition')}${consumer('free', url, 'order: none')}
${consumer('batched', url, 'batch: { size: 5, wait: 5ms }')}${consumer('once', url, 'idempotency: {}')}${consumer('young', url, 'maxAge: 1h')}`;

/** What the target does with a call. */
const ANSWERS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  good: (_, response) => void response.writeHead(204).end(),
  bad: (_, response) => void response.writeHead(500).end(),
  never: (_, response) => void response.writeHead(400).end(),
  later: (_, response) => void response.writeHead(503, { 'retry-after': '0' }).end(),
  away: (_, response) => void response.writeHead(502).end(),
  gone: request => void request.socket.destroy(),
  silent: () => {},
};

describe('metrics of attempts', () => {
  let platform: Platform;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let answers: readonly string[] = ['good'];
  let calls = 0;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume().on('end', () => {
        const answer = ANSWERS[answers[calls++ % answers.length] ?? 'good'];
        answer?.(request, response);
      });
    });
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': appOf(upstream.origin) });
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
  });
  after(async () => {
    await platform.close(100);
    await upstream.close();
    removeTempFolders();
  });

  /** By metric, then by consumer. */
  async function read(): Promise<Map<string, Map<string, number>>> {
    const text = await (await fetch(`${platform.addresses.admin}/metrics`)).text();
    const found = new Map<string, Map<string, number>>();
    for (const [, name = '', labels = '', value] of text.matchAll(/^tenfold_consumer_(\w+)\{(.*)\} (\S+)$/gm)) {
      const figures = found.get(name) ?? new Map<string, number>();
      const consumer = labels.replace(/,reason="\w+"/, '');
      found.set(name, figures.set(consumer, (figures.get(consumer) ?? 0) + Number(value)));
    }
    return found;
  }

  async function countOf(metric: string, reason: string): Promise<number> {
    const text = await (await fetch(`${platform.addresses.admin}/metrics`)).text();
    const lines = text.split('\n').filter(line => line.startsWith(`${metric}{`) && line.includes(`reason="${reason}"`));
    assert.equal(lines.length, 7, `${metric} has ${reason} of each consumer`);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  function check(figures: Map<string, Map<string, number>>): number {
    const attempts = figures.get('attempts_total') ?? new Map<string, number>();
    const failures = figures.get('failures_total') ?? new Map<string, number>();
    for (const [labels, failed] of failures) {
      const made = attempts.get(labels) ?? 0;
      assert.ok(failed <= made, `${labels}: ${failed} of ${made} attempts failed, after ${answers.join(' ')}`);
    }
    return [...failures.values()].reduce((sum, each) => sum + each, 0);
  }

  it('never tell of more failures than attempts', async () => {
    let failed = 0;
    const mix = fc.array(fc.constantFrom(...Object.keys(ANSWERS)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(mix, fc.integer({ min: 1, max: 12 }), async (drawn, events) => {
        answers = [...drawn, 'good'];
        for (let index = 0; index < events; index++) {
          const body = JSON.stringify({ key: `k${index % 3}` });
          for (const path of ['facts', 'jobs']) {
            const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
            const answer = await fetch(`${platform.addresses.public}/${path}`, init);
            assert.ok(answer.status < 300, await answer.text());
          }
          check(await read());
        }
        failed = check(await read());
      }),
      { numRuns: 15, endOnFailure: true },
    );
    answers = ['good'];
    await eventually(async () => {
      const figures = await read();
      check(figures);
      const lags = [...(figures.get('lag_events')?.values() ?? [])];
      return lags.length === 7 && lags.every(lag => lag === 0);
    }, 'all events were handled by all consumers');
    assert.ok(failed > 20, `only ${failed} attempts failed`);
  });

  const reasons: readonly [answer: string, metric: string, reason: string][] = [
    ['bad', 'tenfold_consumer_failures_total', 'TargetFailed'],
    ['never', 'tenfold_consumer_failures_total', 'Rejected'],
    ['later', 'tenfold_consumer_uncounted_failures_total', 'Busy'],
  ];
  for (const [answer, metric, reason] of reasons) {
    it(`count a target that is ${answer} as ${reason}`, async () => {
      const before = await countOf(metric, reason);
      answers = [answer];
      const init = { method: 'POST', body: '{"key":"k"}', headers: { 'content-type': 'application/json' } };
      assert.ok((await fetch(`${platform.addresses.public}/facts`, init)).status < 300);
      await eventually(async () => (await countOf(metric, reason)) > before, `${reason} is counted`);
      answers = ['good'];
    });
  }
});
