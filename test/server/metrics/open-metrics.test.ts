// The metrics of a running platform in the format of OpenMetrics: the same figures, with traces.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const app = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [ { match: { path: / }, to: { url: '${url}' } } ] }
`;
const SAMPLE = /^[a-zA-Z_:][\w:]*(?:\{[^}]*\})? \S+( # \{trace_id="[0-9a-f]{32}"\} \S+ \S+)?$/;

describe('metrics in the format of OpenMetrics', () => {
  let platform: Platform;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  before(async () => {
    upstream = await startUpstream();
    const directory = tempFolder({ 'app.yaml': app(upstream.origin) });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
    await (await fetch(`${platform.addresses.public}/`, { headers })).arrayBuffer();
  });
  after(async () => {
    await platform.close(100);
    await upstream.close();
    removeTempFolders();
  });

  const read = async (accept: string) =>
    (await fetch(`${platform.addresses.admin}/metrics`, { headers: { accept } })).text();
  const open = () => read('application/openmetrics-text; version=1.0.0');

  it('show the trace of a request with the bucket that it fell into', async () => {
    await eventually(
      async () => (await open()).includes(`# {trace_id="${TRACE}"}`),
      'the trace of the request is shown',
    );
    const [line = ''] = (await open()).split('\n').filter(each => each.includes(TRACE));
    assert.match(line, /^http_server_request_duration_seconds_bucket\{.*resource="Api\/default\/shop".*\} 1 # /);
    const [, seconds, at] = / # \{.*\} (\S+) (\S+)$/.exec(line) ?? [];
    assert.ok(Number(seconds) > 0 && Math.abs(Number(at) - Date.now() / 1000) < 3600, line);
  });

  it('have a sample or a comment in each line, and an end', async () => {
    const text = await open();
    assert.match(text, /\n# EOF\n$/);
    const lines = text.split('\n').slice(0, -2);
    assert.deepEqual(
      lines.filter(line => !/^# (HELP|TYPE) \w+ ./.test(line) && !SAMPLE.test(line)),
      [],
    );
    const counters = lines.flatMap(line => /^# TYPE (\w+) counter$/.exec(line)?.[1] ?? []);
    assert.ok(counters.length > 20);
    for (const name of counters) assert.doesNotMatch(name, /_total$/);
    for (const line of lines) {
      const family = counters.find(name => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      assert.equal(family, undefined, `${line} is a sample of a counter without _total`);
    }
  });

  it('leave the other format as it was, without traces', async () => {
    const before = await read('*/*');
    await open();
    const after = await read('*/*');
    const families = (text: string) => text.split('\n').filter(line => line.startsWith('# TYPE'));
    assert.deepEqual(families(after), families(before));
    assert.doesNotMatch(after, /trace_id|# EOF/);
    const samples = (text: string) =>
      new Set(text.split('\n').flatMap(line => (line === '' || line.startsWith('#') ? [] : [line.split(/[{ ]/)[0]])));
    assert.deepEqual([...samples(await open())].sort(), [...samples(after)].sort());
  });
});
