// A Strangler over two upstreams of a test, with one feature, `orders`.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { type ServeOptions, serveYaml } from '../serve-yaml.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Sides {
  readonly legacy: Answer;
  readonly fresh: Answer;
  /** YAML of further members of the feature. */
  readonly feature?: string;
  /** YAML of further members of `spec`, and of `spec.legacy`. */
  readonly spec?: string;
  readonly legacySpec?: string;
  /** Path that legacy has in front of its own. */
  readonly legacyPath?: string;
  readonly match?: string;
  /** Answers as the Function "normal". */
  readonly normal?: Answer;
  readonly options?: Omit<ServeOptions, 'functions'>;
}

/** Answers with its name and the path, as JSON. */
export function says(name: string): Answer {
  return (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ from: name, path: request.url }));
  };
}

export async function serveTwoSides(sides: Sides) {
  const legacy = await startUpstream(sides.legacy);
  const fresh = await startUpstream(sides.fresh);
  const normal = await startUpstream(sides.normal ?? says('normal'));
  const yamlFor = (feature: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${legacy.origin}${sides.legacyPath ?? ''}'${sides.legacySpec ?? ''} }
${sides.spec ?? ''}
  features:
    - name: orders
      match: ${sides.match ?? '{ path: /orders/* }'}
      to: { function: orders }
${feature}
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: normal }
spec: { source: ./normal.ts }
`;
  const served = await serveYaml(yamlFor(sides.feature ?? ''), {
    ...sides.options,
    functions: { orders: fresh.origin, normal: normal.origin },
  });
  const feature = () => served.facade('shop').feature('orders');
  return {
    address: served.address,
    logged: served.logged,
    legacy,
    fresh,
    normal,
    feature,
    report: () => feature().report(),
    /** Changes the resource. */
    declare: (more: string) => served.swap(yamlFor(more)),
    async get(path: string, init?: RequestInit) {
      const answer = await fetch(served.address + path, { redirect: 'manual', ...init });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    async close() {
      await served.close();
      await legacy.close();
      await fresh.close();
      await normal.close();
    },
  };
}

export type TwoSides = Awaited<ReturnType<typeof serveTwoSides>>;
