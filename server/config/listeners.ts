// Listeners of the configuration: the public one, and those that are for some namespaces alone.
import * as z from 'zod';
import { withMarks } from '../../resources/kinds/fields/marks.ts';
import { type AllowedRoutes, createListeners, type Listeners, PUBLIC } from '../../resources/ownership/listeners.ts';
import { connections } from './connections.ts';
import { filePath, hostNames, networks, port } from './fields.ts';

/** A listener is called so in metrics and logs, and Kubernetes takes it for the name of a port. */
const NAME = /^[a-z](-?[a-z0-9])*$/;
const NAME_WRONG =
  'This must be a name of at most 15 lower-case letters, digits and single hyphens that begins with a letter, such as green.';
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAMESPACE_WRONG = 'This must be the name of a namespace, such as shop.';

/** Names that the chart or the platform uses for something else. */
export const RESERVED_NAMES: readonly string[] = [PUBLIC, 'internal', 'admin', 'metrics'];

export function publicListener() {
  return z.strictObject({
    ...place('the public port'),
    port: port().prefault(8080).describe('Port of the routes; 0 takes any free one.'),
    namespaces: namespaces()
      .optional()
      .describe('Serves the routes of these namespaces alone. Without it those of all that no listener names.'),
    ...settings('the public port'),
  });
}

/** After Gateway API: a name, a port, hosts, and whose routes are allowed. */
export function listeners() {
  const one = z.strictObject({
    name: z
      .string()
      .max(15, NAME_WRONG)
      .regex(NAME, NAME_WRONG)
      .describe('Its name in metrics, logs and statuses, such as green. Not public, internal, admin or metrics.'),
    ...place('it'),
    port: port().describe('Its port; 0 takes any free one.'),
    namespaces: namespaces()
      .min(1)
      .describe('Namespaces whose routes it serves, and no others. The public port does not serve them any more.'),
    hosts: hostNames()
      .min(1)
      .optional()
      .describe('Hosts that it serves, such as `*.green.example.com`. Without it every host.'),
    ...settings('it'),
  });
  return z
    .array(one)
    .max(64)
    .prefault([])
    .describe('Listeners besides the public one, each for the routes of some namespaces.');
}

function place(it: string) {
  return {
    host: z.string().min(1).max(253).optional().describe(`Address that ${it} listens on. Without it that of \`host\`.`),
  };
}

function settings(it: string) {
  return {
    trustedProxies: networks()
      .prefault([])
      .describe('Proxies in front of it whose X-Forwarded fields are believed, such as 10.0.0.0/8.'),
    connections: connections(),
    certificate: z
      .strictObject({
        cert: filePath().describe(
          'PEM, followed when it is renewed: the certificate, then those between it and a root.',
        ),
        key: filePath().describe('Its private key.'),
      })
      .optional()
      .describe(`With it ${it} speaks HTTPS and nothing else.`),
  };
}

function namespaces() {
  const list = z.array(z.string().regex(NAMESPACE, NAMESPACE_WRONG)).max(1000);
  return withMarks(list, { typeName: 'list of namespaces' });
}

export function toListeners(config: {
  readonly public: { readonly namespaces?: readonly string[] | undefined };
  readonly listeners: readonly (Omit<AllowedRoutes, 'hosts'> & { readonly hosts?: readonly string[] | undefined })[];
}): Listeners {
  return createListeners([
    { name: PUBLIC, namespaces: config.public.namespaces, hosts: undefined },
    ...config.listeners.map(({ name, namespaces, hosts }) => ({ name, namespaces, hosts })),
  ]);
}
