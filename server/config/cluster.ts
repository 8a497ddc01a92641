// The address of a cluster, for processes that take their resources from one.
import * as z from 'zod';
import { whyNoPodLabel } from '../../resources/function-labels.ts';
import { duration } from '../../resources/kinds/fields/units.ts';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { type Assignment, parseAssignment } from '../../resources/ownership/assignments.ts';
import { type ConfigReader, filePath, folderPath, secret } from './fields.ts';

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAMESPACE_WRONG = 'This must be the name of a namespace, such as shop.';
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const METRIC_WRONG = 'This must be the name of a metric, such as tenfold_function_requests.';

export function cluster() {
  return z.strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe('Takes resources from the cluster; functions are called where the operator runs them.'),
    namespaces: z
      .array(z.string().regex(NAMESPACE, NAMESPACE_WRONG))
      .max(1000)
      .prefault([])
      .describe('Takes those of these namespaces alone; without any those of all.'),
    kubeconfig: filePath()
      .optional()
      .describe(
        'How to reach the cluster, instead of the ServiceAccount of the own pod, KUBECONFIG or ~/.kube/config.',
      ),
    context: z.string().min(1).max(253).optional().describe('Context of the kubeconfig; without it the current one.'),
    figuresEvery: duration({ min: '1s', max: '1h' })
      .prefault('30s')
      .describe('How often lag, parked and dead counts are written into statuses, where they have changed noticeably.'),
    callInstances: z
      .boolean()
      .prefault(true)
      .describe(
        'Whether instances of a Function are called at their own addresses while they start or change, a second or two before its Service leads to them. Not where a service mesh takes mutual TLS alone.',
      ),
    routeOwners: z
      .array(assignment())
      .max(1000)
      .prefault([])
      .describe(
        'Hosts and path prefixes of the public port that are for one namespace each, such as shop.example.com=shop or /shop=shop. The most specific one counts. What nothing is said of belongs to the namespace that declares it first.',
      ),
    secrets: folderPath()
      .optional()
      .describe(
        'Folder of the Secrets that Apis name, as pods mount them: NAMESPACE/NAME/KEY in it. Followed when they change.',
      ),
  });
}

/** Parsed into hosts, path and namespaces. */
function assignment() {
  const wrong =
    'This must be a host, a path, or both, and the namespace that they are for, such as shop.example.com=shop, *.example.com=web or /shop=shop.';
  return z
    .string(wrong)
    .max(2048, wrong)
    .transform((text, context): Assignment => {
      const parsed = parseAssignment(text);
      if (parsed) return parsed;
      context.issues.push({ code: 'custom', input: text, message: wrong });
      return z.NEVER;
    });
}

function podLabel() {
  return z
    .string()
    .max(317)
    .superRefine((name, context) => {
      const message = whyNoPodLabel(name);
      if (message !== undefined) context.addIssue({ code: 'custom', input: name, message });
    });
}

export function operator(reader: ConfigReader) {
  return z.strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe('Whether `tenfold serve` is the operator of the cluster as well: one process for all.'),
    platformNamespace: z
      .string()
      .regex(NAMESPACE, NAMESPACE_WRONG)
      .optional()
      .describe(
        'Namespace of the gateways and workers, which may call private Functions. Without it the namespace of the operator.',
      ),
    provider: z
      .enum(['knative', 'openfaas', 'deployment'])
      .optional()
      .describe(
        'Provider of Functions that ask for no `provider`. Without it Knative where the cluster has it, else a Deployment; those that run already stay where they are.',
      ),
    inFlightMetric: z
      .string()
      .regex(METRIC, METRIC_WRONG)
      .max(253)
      .optional()
      .describe(
        'External metric by which Deployments of Functions with a `scale.target` are scaled: tenfold_function_requests, where an adapter serves it (docs/operations.md, "Functions by calls in flight"). Without it they are scaled by CPU, and their status says so.',
      ),
    openfaas: z
      .strictObject({
        url: httpUrl().describe('Address of the gateway, such as http://gateway.openfaas:8080.'),
        namespace: z
          .string()
          .regex(NAMESPACE, NAMESPACE_WRONG)
          .optional()
          .describe(
            'Namespace of OpenFaaS that Functions go to; leave it out where it has one alone. Their pods are looked for there, or else in openfaas-fn.',
          ),
        username: z.string().min(1).max(253).prefault('admin').describe('User of the gateway.'),
        password: secret(reader).optional().describe('Its password. Without it the gateway is called without.'),
      })
      .optional()
      .describe('Lets Functions run in OpenFaaS.'),
    restartNamespaces: z
      .array(z.string().regex(NAMESPACE, NAMESPACE_WRONG))
      .max(1000)
      .prefault([])
      .describe(
        'Namespaces in which Functions are restarted when a Secret or ConfigMap that their `env` names changes. There the operator needs k8s/rbac/operator-restarts.yaml.',
      ),
    functionLabels: z
      .array(podLabel())
      .max(100)
      .prefault([])
      .describe(
        'Labels of a Function that its pods get, for costs, logs and policies: keys such as team, or example.com/* for all keys of a domain. A change of such a label replaces the pods.',
      ),
  });
}
