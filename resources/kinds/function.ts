// Function: a piece of code of ours, an image, or any HTTP service that already runs (pattern 1).
import * as z from 'zod';
import { circuitBreaker, healthCheck, limits } from './calls/protection.ts';
import { withMarks } from './fields/marks.ts';
import { externalReference } from './fields/names.ts';
import { exactlyOneOf, withRule } from './fields/rules.ts';
import { canaryPercent, duration, size } from './fields/units.ts';
import { httpUrl } from './fields/url.ts';
import { environment, headerSettings } from './functions/env.ts';
import { permissions } from './functions/permissions.ts';
import { probes } from './functions/probes.ts';

const SOURCE_WRONG = 'This must be a relative path to a .ts, .mts, .js or .mjs file, such as ./orders.ts.';
const IMAGE_WRONG = 'This must be an image such as ghcr.io/acme/orders:1.4 or one with a digest.';
const QUANTITY_WRONG = 'This must be a quantity as Kubernetes writes it, such as 250m, 1 or 512Mi.';

const quantity = withMarks(
  z
    .string(QUANTITY_WRONG)
    .max(32, QUANTITY_WRONG)
    .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, QUANTITY_WRONG),
  {
    typeName: 'quantity',
  },
);

const quantities = z.strictObject({
  cpu: quantity.optional().describe('Processor time: 1 is one core, 250m a quarter of it.'),
  memory: quantity.optional().describe('Memory, such as 128Mi.'),
  'ephemeral-storage': quantity.optional().describe('Space on the local disk, such as 1Gi.'),
});

const scale = withRule(
  z.strictObject({
    min: z
      .int()
      .min(0)
      .max(1000)
      .prefault(0)
      .describe(
        'Instances that always run. 0 lets the function stop when there are no calls; the next request starts it.',
      ),
    max: z.int().min(1).max(1000).prefault(20).describe('Most instances at the same time.'),
    target: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'Calls in flight per instance that scaling aims at. Without it 70% of the concurrency; Deployments are scaled by CPU then, and where the operator has no figure of calls in flight (operator.inFlightMetric).',
      ),
    replicas: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe('A fixed number of instances, which switches scaling off. It is what `kubectl scale` writes.'),
    idle: duration({ min: '1s', max: '24h' })
      .prefault('1m')
      .describe('How long an instance without calls is kept before it stops.'),
  }),
  {
    message: 'The least number of instances (min) is above the largest (max).',
    cel: '(has(self.min) ? self.min : 0) <= (has(self.max) ? self.max : 20)',
    holds: value => value.min <= value.max,
    at: 'min',
  },
);

/** The message for a canary with another provider, and for a cluster without Knative. */
export const CANARY_NEEDS_KNATIVE =
  'Only Knative divides the calls of one Function between its versions. Set provider to knative. Or make the new version a Function of its own, and divide the calls by the weights of an Api or by the canary of a Strangler.';

const oneOf = exactlyOneOf(
  z.strictObject({
    source: withMarks(
      z
        .string(SOURCE_WRONG)
        .max(512, SOURCE_WRONG)
        .regex(/^(\.{1,2}\/)*[^/\\:*?"<>|\s][^\\:*?"<>|]*\.(ts|mts|js|mjs)$/, SOURCE_WRONG),
      { typeName: 'path of a file' },
    )
      .optional()
      .describe('Module whose default export is the function; its path is relative to the file that declares it.'),
    image: withMarks(
      z
        .string(IMAGE_WRONG)
        .max(512, IMAGE_WRONG)
        .regex(/^[a-z0-9][a-zA-Z0-9._:@/-]*$/, IMAGE_WRONG),
      { typeName: 'image' },
    )
      .optional()
      .describe('Container image that answers HTTP on $PORT.'),
    url: httpUrl()
      .optional()
      .describe('Address of an HTTP service that already runs; Tenfold calls it and does not start or stop it.'),
    timeout: duration({ min: '1ms', max: '15m' })
      .prefault('29s')
      .describe(
        'Time limit of one call until its answer begins, at most 15m; a stream may go on until then. The deadline travels with the call; callers with less time left shorten it.',
      ),
    concurrency: z
      .int()
      .min(1)
      .max(10_000)
      .prefault(50)
      .describe('Calls that one instance works on at the same time (Knative calls it containerConcurrency).'),
    maxBody: size().prefault('10Mi').describe('Largest request body, in bytes; a larger one is answered 413.'),
    scale: scale.prefault({}).describe('How many instances run.'),
    limits: limits()
      .prefault({})
      .describe(
        'One budget for the function, shared by every caller: routes, queues, subscriptions and fan-outs together. With or without it, a Retry-After of the function with 503 lets all of them pause, for at most a minute; `waiting` and `maxWait` hold for calls that wait meanwhile.',
      ),
    circuitBreaker: circuitBreaker()
      .optional()
      .describe('Stops calling the function for a while when too many calls fail. Without it there is no breaker.'),
    healthCheck: healthCheck()
      .optional()
      .describe(
        'Health check of the host of a `url`. While the host is unhealthy, calls are answered 503, or go to another target of a split.',
      ),
    visibility: z
      .enum(['private', 'cluster'])
      .prefault('private')
      .describe(
        'private: the platform and the internal client reach it. cluster: other services in the cluster may call its address too. From outside it is reached through an Api or Strangler only.',
      ),
    env: environment()
      .optional()
      .describe(
        'Environment variables. A changed Secret or ConfigMap restarts the function; in a cluster where the operator may look at these (`operator.restartNamespaces`), else the next start has it.',
      ),
    permissions: permissions()
      .optional()
      .describe(
        'Further permissions of the Function under `tenfold dev` and `tenfold serve`, where it reads the application and its packages, and writes to its temporary folder. Elsewhere its container or its machine decides.',
      ),
    headers: headerSettings()
      .optional()
      .describe('Headers added to each call of a `url`, such as the credentials of an external API.'),
    resources: z
      .strictObject({
        requests: quantities.optional().describe('Resources that an instance is guaranteed.'),
        limits: quantities.optional().describe('Resources that an instance may use at most.'),
      })
      .optional()
      .describe('Processor time and memory of one instance in a cluster.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .prefault(8080)
      .describe('Port that an image listens on; it is given to it as $PORT.'),
    probes: probes()
      .optional()
      .describe(
        'How instances are asked over HTTP whether they live. A source has it anyhow; an image is asked for no more than an open port without it. `{}` fits images that `tenfold build` makes.',
      ),
    provider: z
      .enum(['knative', 'openfaas', 'deployment'])
      .optional()
      .describe('The provider that runs it in a cluster. Without it the best one that the cluster has.'),
    canary: z
      .strictObject({
        percent: canaryPercent().describe(
          'Share of the calls that the newest version gets, in percent, once it is ready. 0 takes all calls back. 100 gives it all calls, as without a canary.',
        ),
      })
      .optional()
      .describe(
        'While it is declared, a part of the calls tries the changed version; the version that had all of them keeps the rest. Knative alone can do that. Taking it away gives the newest version all calls.',
      ),
    serviceAccount: externalReference('ServiceAccount')
      .optional()
      .describe(
        'ServiceAccount of its pods. In a cluster it must have the label `tenfold.dev/for-functions: "true"`. Without it one that may do nothing.',
      ),
    imagePullSecrets: z
      .array(externalReference('Secret'))
      .max(16)
      .optional()
      .describe('Secrets with credentials for the registry of the image.'),
  }),
  ['source', 'image', 'url'],
);

const withUrl = withRule(oneOf, {
  message: 'A healthCheck is for a Function with a url. Remove it.',
  cel: '!has(self.healthCheck) || has(self.url)',
  holds: ({ healthCheck, url }) => healthCheck === undefined || url !== undefined,
  at: 'healthCheck',
});

export const functionSpec = withRule(withUrl, {
  message: CANARY_NEEDS_KNATIVE,
  cel: "!has(self.canary) || !has(self.provider) || self.provider == 'knative'",
  holds: ({ canary, provider = 'knative' }) => canary === undefined || provider === 'knative',
  at: 'canary',
});
