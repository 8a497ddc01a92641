// How long a pod of a Function takes by itself, when nothing of ours has to do with it.
import type { Node } from '../../../test/cluster/node/node.ts';

const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 10;

/**
 * From the moment its Deployment is scaled from 0 to 1 to its first answer, asked at the pod's
 * own address; milliseconds.
 */
export async function podStart(node: Node, namespace: string, deployment: string, answers: Answers): Promise<number> {
  const { client } = node;
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { body } = await client.request('GET', `${deployments}/${deployment}`);
  const { template } = body.spec;
  // A Service of the Function must not send anything there.
  template.metadata.labels = { app: 'alone' };
  const alone = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'alone', namespace },
    spec: { replicas: 0, selector: { matchLabels: template.metadata.labels }, template },
  };
  const made = await client.apply(`${deployments}/alone`, alone);
  if (made.status >= 300) throw new Error(`Deployment alone: ${JSON.stringify(made.body)}`);
  const observed = async () => (await client.request('GET', `${deployments}/alone`)).body.status?.observedGeneration;
  await until(async () => (await observed()) === 1, 'the Deployment is known');
  const port = template.spec.containers[0].ports[0].containerPort;
  const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dalone`;
  let address = '';
  const began = performance.now();
  const scale = { spec: { replicas: 1 } };
  await client.request('PATCH', `${deployments}/alone`, scale, 'application/merge-patch+json');
  await until(async () => {
    if (address === '') address = (await client.request('GET', pods)).body.items[0]?.status?.podIP ?? '';
    return address !== '' && (await answers(`http://${address}:${port}/`));
  }, 'the pod answers');
  const took = performance.now() - began;
  await client.request('DELETE', `${deployments}/alone?propagationPolicy=Foreground`);
  await until(async () => (await client.request('GET', pods)).body.items.length === 0, 'the pod is gone');
  return took;
}

/** Whether there is any answer at an address. */
export type Answers = (url: string) => Promise<boolean>;

export async function until(holds: () => Promise<boolean>, what: string, withinMs = WITHIN_MS): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
