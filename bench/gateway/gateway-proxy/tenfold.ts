// Our gateway with 50 routes, served as the platform serves it; ASPECTS names what is on: jwt, rate
// limit, access log, metrics. COLLECTOR is where spans go, SAMPLING the share of their traces.
import type { AddressInfo } from 'node:net';
import { createLogReporter } from '../../../cli/serve/log-reporter.ts';
import { nodeHttp } from '../../../core/http/node-http.ts';
import { realWorld } from '../../../core/world.ts';
import type { AnsweredListener } from '../../../gateway/listeners/answered.ts';
import { toRequestEntry } from '../../../server/listeners/request-entry.ts';
import { readTracing } from '../../../server/tracing/settings.ts';
import { startTracing } from '../../../server/tracing/start-tracing.ts';
import { compile, measured, resourcesOf, serve } from '../../measure/served.ts';
import { aspectsYaml, shopYaml } from './shop.ts';

const { UPSTREAM = '', JWKS = '{"keys":[]}', ROUTES = '50', EACH = '' } = process.env;
const aspects = (process.env['ASPECTS'] ?? '').split(',');

const issuer = nodeHttp().createServer((_request, response) => response.end(JWKS));
await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve));
const keysUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;

const yaml = shopYaml({
  routes: Number(ROUTES),
  upstream: UPSTREAM,
  spec: aspectsYaml(aspects, keysUrl),
  each: EACH,
});
const { plan } = compile(resourcesOf(yaml));

// As `serve` writes it; the harness lets it go to /dev/null.
const print = (line: string) => void process.stdout.write(`${line}\n`);
const { events } = createLogReporter({ print }, 'info', () => new Date());
const observe = measured();
const withMetrics = aspects.includes('metrics');
const withLog = aspects.includes('access log');
const answered: AnsweredListener = entry => {
  if (withMetrics) observe(entry);
  if (withLog && entry.logged) events.request?.(toRequestEntry(entry));
};
const { COLLECTOR, SAMPLING = '1' } = process.env;
const tracing = startTracing({
  world: realWorld,
  settings: COLLECTOR === undefined ? undefined : settingsOf(COLLECTOR, Number(SAMPLING)),
  instance: 'bench',
  messagingSystem: 'tenfold',
  log: ({ message, fields }) => console.error(message, fields),
});
await serve(plan, withMetrics || withLog ? answered : () => {}, undefined, tracing?.tracer);

function settingsOf(endpoint: string, sampling: number) {
  return readTracing({ endpoint, sampling, slow: 5000, wait: 60_000 }, {}, 'gateway').tracing;
}
