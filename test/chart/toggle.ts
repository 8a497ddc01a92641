// One toggle of the chart, and what tests look at in what it renders.
import { parse } from 'yaml';
import { type Manifest, only } from './helm.ts';

export interface Toggle {
  readonly values: object;
  /** What it is set beside. */
  readonly base?: object;
  /** `KIND NAME`, as those below. */
  readonly brings?: readonly string[];
  readonly takes?: readonly string[];
  readonly changes?: readonly string[];
  readonly look?: readonly [see: (manifests: readonly Manifest[]) => unknown, expected: unknown];
}

/** For annotations and labels. */
export const NOTE = { 'example.com/of': 'ours' };

/** What runs by default. */
export const DEPLOYMENTS = ['Deployment tenfold', 'Deployment tenfold-operator'];
/** What follows the parts of the configuration that all read. */
export const ALL = ['ConfigMap tenfold', ...DEPLOYMENTS];

export const pod = (manifests: readonly Manifest[], name = 'tenfold') =>
  only(manifests, 'Deployment', name).spec.template.spec;

export const configOf = (manifests: readonly Manifest[], of: 'tenfold' | 'operator' = 'tenfold') =>
  parse(only(manifests, 'ConfigMap', 'tenfold').data[`${of}.yaml`]);
