// Strangler: a facade in front of a legacy system whose features move out one by one (pattern 6).
import * as z from 'zod';
import { connections } from './calls/connections.ts';
import { expression, pathTemplate } from './fields/expression.ts';
import { listByName } from './fields/list-by-name.ts';
import { withMarks } from './fields/marks.ts';
import { headerName, label, reference } from './fields/names.ts';
import { targets } from './fields/target.ts';
import { canaryPercent, duration, percent, size, tolerance } from './fields/units.ts';
import { httpUrl } from './fields/url.ts';
import {
  allowRoutesFrom,
  clientHeaders,
  headerChanges,
  hostPattern,
  plainPath,
  requestMatch,
  sticky,
} from './routes/http.ts';
import { pathOptions } from './routes/path-options.ts';

const POINTER_WRONG =
  'This must be a JSON Pointer (RFC 6901) such as /updatedAt or /items/*/id, where * is every member.';

const legacy = z.strictObject({
  url: httpUrl().describe('Address of the legacy system. Everything that no feature takes goes there.'),
  origins: z
    .array(httpUrl())
    .max(16)
    .prefault([])
    .describe(
      'Further addresses that legacy uses for itself in redirects, links and cookies; clients see that of the facade instead.',
    ),
  timeout: duration({ min: '1ms', max: '24h' })
    .prefault('29s')
    .describe('Longest time until an answer of legacy begins. It is counted anew while the client sends its request.'),
  connections: connections('safe', 'legacy'),
  preserveHost: z.boolean().prefault(false).describe('true: legacy gets the Host that the client sent.'),
});

function pointer(orEmpty: boolean) {
  const pattern = orEmpty ? /^(\/([^~/]|~0|~1)*)*$/ : /^(\/([^~/]|~0|~1)*)+$/;
  return z.string(POINTER_WRONG).max(512, POINTER_WRONG).regex(pattern, POINTER_WRONG);
}

const NORMALIZE_WRONG = 'This must be an expression inside ${…}, or { function: name }.';
const normalize = withMarks(
  z.union(
    [
      expression('answer', 'any'),
      z.strictObject({
        function: reference('Function').describe(
          'Function that gets `status`, `headers` and `body` of an answer, and answers with JSON: what is compared.',
        ),
      }),
    ],
    NORMALIZE_WRONG,
  ),
  { typeName: 'expression, or function' },
);

const compare = z.strictObject({
  status: z.boolean().prefault(true).describe('Whether the statuses must be equal.'),
  body: z
    .enum(['auto', 'json', 'text', 'none'])
    .prefault('auto')
    .describe(
      'How bodies are compared. auto: JSON, XML and HTML by their structure, other text by its words, everything else by its bytes. json: the earlier name of auto. text: any text by its words. none: not at all.',
    ),
  ignore: z
    .array(pointer(false))
    .max(128)
    .prefault([])
    .describe(
      'Places in bodies that may differ, as JSON Pointers. In XML and HTML they name elements and attributes: /order/at, /form/input/@value.',
    ),
  unordered: z
    .array(
      z.strictObject({
        list: pointer(true).describe('The list, as a JSON Pointer; empty for the whole body.'),
        by: pointer(false)
          .optional()
          .describe(
            'JSON Pointer, inside an item, to the value by which items belong together. Without it the whole item counts.',
          ),
      }),
    )
    .max(32)
    .prefault([])
    .describe('Lists in JSON bodies whose order means nothing.'),
  tolerance: tolerance()
    .optional()
    .describe('Numbers that are not further apart count as equal. Without it they must be equal.'),
  normalize: normalize
    .optional()
    .describe(
      'Makes of each answer what is compared in place of its body: an expression such as "${answer.body.items}", or { function: name }. JSON comes as a value, everything else as text.',
    ),
  headers: z.array(headerName()).max(64).prefault(['content-type']).describe('Response headers that must be equal.'),
});

const shadow = z.strictObject({
  sample: percent().prefault('100%').describe('Share of the requests that are sent to both.'),
  compare: compare.prefault({}).describe('The parts that must be equal.'),
  noise: z
    .boolean()
    .prefault(false)
    .describe(
      'true: asks legacy twice, and takes for noise the places where the new side differs no more often than legacy from itself.',
    ),
  unsafeMethods: z
    .boolean()
    .prefault(false)
    .describe(
      'true: also sends POST, PUT, PATCH and DELETE to both. Only right where the new side may do the work a second time.',
    ),
  maxBody: size().prefault('256Ki').describe('Larger bodies are not compared but counted, in bytes.'),
});

const promote = z
  .strictObject({
    maxMismatch: percent().prefault('0.1%').describe('Largest share of differing answers.'),
    maxMasked: percent()
      .prefault('5%')
      .describe(
        'Largest share of answers that differ, but only at places that are noise. Places in ignore do not count.',
      ),
    maxUncompared: percent()
      .prefault('5%')
      .describe(
        'Largest share of requests that could not be compared: too large, partial, in an unknown encoding, or of bytes that always differ.',
      ),
    maxErrorRate: percent().prefault('1%').describe('Largest share of failures of the new side.'),
    minimum: z
      .int()
      .min(1)
      .max(100_000_000)
      .prefault(1000)
      .describe('Requests that must have been seen before a step.'),
    window: duration({ min: '10s', max: '30d' }).prefault('10m').describe('Time over which they are counted.'),
    steps: z
      .array(z.int().min(1).max(100))
      .min(1)
      .max(20)
      .prefault([1, 10, 50, 100])
      .describe('Percentages of the canary, one after the other. After the last the feature is live.'),
  })
  .refine(value => value.steps.every((step, index) => index === 0 || step > (value.steps[index - 1] ?? 0)), {
    path: ['steps'],
    message: 'Each step must be larger than the one before it.',
  });

const sync = z.strictObject({
  topic: reference('Topic').describe('The Topic with the changes of the new side.'),
  to: targets().describe(
    'The target that writes them back into legacy, in the terms of legacy. Changes that came from legacy are marked and do not return.',
  ),
  maxLag: duration({ min: '1s', max: '7d' })
    .prefault('30s')
    .describe('Promotion waits while legacy is further behind than this.'),
});

export const featureMatch = z.strictObject(requestMatch);

const feature = z.strictObject({
  name: label().describe('Name of the feature in commands, reports and metrics.'),
  match: featureMatch.describe(
    'Requests that belong to the feature. A path that ends with /* takes the path before it too, unless another route names that.',
  ),
  to: targets().describe('The new side.'),
  phase: z
    .enum(['legacy', 'shadow', 'canary', 'live', 'retired'])
    .prefault('legacy')
    .describe(
      'legacy: legacy answers. shadow: legacy answers, the new side gets a copy and is compared. canary: the new side answers a part. live: the new side answers all, legacy can still be returned to. retired: legacy is gone for this feature.',
    ),
  timeout: duration({ min: '1ms', max: '24h' })
    .prefault('29s')
    .describe('Longest time until an answer of the new side begins. It is counted anew while the client sends.'),
  path: pathTemplate('request').optional().describe('Path that the new side gets. Without it the path as it came.'),
  headers: headerChanges('request').optional().describe('Changes to the headers of requests to the new side.'),
  shadow: shadow.prefault({}).describe('How the two sides are compared in the phase shadow.'),
  canary: z
    .strictObject({
      percent: canaryPercent().describe('Share of the clients that the new side answers, in percent.'),
      sticky: sticky().prefault('ip').describe('The value that keeps a client on its side.'),
    })
    .prefault({})
    .describe('How clients are split in the phase canary.'),
  promote: promote.optional().describe('Moves on, or back, by itself when the figures say so. Without it by hand.'),
  sync: sync.optional().describe('Keeps legacy up to date with what the new side changes.'),
});

const features = listByName(feature, name => `Another feature is called "${name}" too. Rename one of them.`);

export const stranglerSpec = z.strictObject({
  hosts: z
    .array(hostPattern())
    .min(1)
    .max(16)
    .optional()
    .describe('Hosts that the facade answers for. Without it every host.'),
  basePath: plainPath()
    .prefault('/')
    .describe('Path in front of everything; both sides see it, as clients keep the interface they had.'),
  path: pathOptions('ignore')
    .prefault({})
    .describe('Which spellings of a path are the same to the features. Choose what legacy does.'),
  headers: clientHeaders()
    .prefault({})
    .describe(
      'Which headers of clients both sides get. Without it all headers but those in which proxies name the caller, which legacy systems believe.',
    ),
  allowRoutesFrom: allowRoutesFrom()
    .prefault([])
    .describe(
      'Namespaces whose routes may stand on the hosts and below the paths that this Strangler owns. Without it those of its own alone.',
    ),
  legacy: legacy.describe('The legacy system.'),
  features: features.prefault([]).describe('The features that move out of it.'),
});
