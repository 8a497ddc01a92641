// Applications for the Console: a large one that stands still, and one whose consumers all move.
import { LETTER_PARTITIONS } from '../../events/dead-letters/fill-letters.ts';

const TEAMS = 20;
/** Of so many resources one is a Topic, one a Subscription, and as many are Functions as Apis. */
const OF_EACH = 10;
const ROUTES_OF_API = 50;

/** The Subscription whose dead letters are many. */
export const FAILED = 'handled';

function benchResource(kind: string, namespace: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { namespace: ${namespace}, name: ${name} }\nspec: ${spec}\n`;
}

/** So many resources of four kinds in 20 namespaces, a file for each namespace. */
export function largeApplication(resources: number): Record<string, string> {
  const files = new Map<string, string[]>([
    [
      'default',
      [
        benchResource('Topic', 'default', 'orders', `{ partitions: ${LETTER_PARTITIONS} }`),
        benchResource('Function', 'default', 'handler', "{ url: 'http://127.0.0.1:9' }"),
        benchResource('Subscription', 'default', FAILED, '{ topic: orders, to: { function: handler } }'),
      ],
    ],
  ]);
  for (let number = 0; number < resources - 3; number++) {
    const block = Math.floor(number / OF_EACH);
    const team = `team-${block % TEAMS}`;
    const documents = files.get(team) ?? [];
    documents.push(documentOf(team, block, number % OF_EACH));
    files.set(team, documents);
  }
  return Object.fromEntries([...files].map(([team, documents]) => [`${team}.yaml`, documents.join('---\n')]));
}

function documentOf(team: string, block: number, at: number): string {
  if (at === 0) return benchResource('Topic', team, `orders-${block}`, '{ partitions: 1 }');
  if (at === 1) return benchResource('Function', team, `service-${block}-1`, "{ url: 'http://127.0.0.1:9' }");
  if (at === 2) {
    const spec = `{ topic: orders-${block}, to: { function: service-${block}-1 } }`;
    return benchResource('Subscription', team, `bill-${block}`, spec);
  }
  const service = `service-${block}-${at - (at % 2 === 1 ? 0 : 1)}`;
  if (at % 2 === 1) return benchResource('Function', team, service, "{ url: 'http://127.0.0.1:9' }");
  const route = `{ match: { method: GET, path: /orders/:id }, to: { function: ${service} } }`;
  return benchResource('Api', team, `api-${block}-${at}`, `{ basePath: /${team}/${block}-${at}, routes: [${route}] }`);
}

/** So many Topics, each with a Subscription of its own; an event for one is posted to its path. */
export function movingApplication(topics: number, functionUrl: string): Record<string, string> {
  const numbers = Array.from({ length: topics }, (_, number) => number);
  const apis = Array.from({ length: Math.ceil(topics / ROUTES_OF_API) }, (_, api) => {
    const routes = numbers
      .slice(api * ROUTES_OF_API, (api + 1) * ROUTES_OF_API)
      .map(number => `{ match: { method: POST, path: ${pathOfTopic(number)} }, to: { topic: orders-${number} } }`);
    return benchResource('Api', 'default', `api-${api}`, `{ routes: [${routes.join(', ')}] }`);
  });
  const moving = numbers.flatMap(number => [
    benchResource('Topic', 'default', `orders-${number}`, '{ partitions: 1 }'),
    benchResource(
      'Subscription',
      'default',
      `bill-${number}`,
      `{ topic: orders-${number}, to: { function: biller }, retry: { attempts: 1 } }`,
    ),
  ]);
  const biller = benchResource('Function', 'default', 'biller', `{ url: '${functionUrl}' }`);
  return { 'app.yaml': [biller, ...moving, ...apis].join('---\n') };
}

export function pathOfTopic(number: number): string {
  return `/orders/${number}`;
}
