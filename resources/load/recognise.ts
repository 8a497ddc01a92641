// Decides which documents are resources of ours, and reports the faults of those that only look
// like it.
import { suggest } from '../../core/suggest.ts';
import { API_VERSION, GROUP, isKind } from '../kinds/index.ts';
import { type Kind, kindNames } from '../kinds/kind-names.ts';
import type { Mistake } from './issues.ts';

export type Recognised = { readonly kind: Kind } | { readonly mistake: Mistake } | 'foreign';

/**
 * A document is ours when its apiVersion names our group. A document with a kind of ours and a
 * mistyped or missing apiVersion is a mistake: being ignored is the worst that can happen to a
 * resource. All other documents (other Kubernetes objects, compose files, package manifests) are
 * foreign.
 */
export function recognise(value: unknown): Recognised {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'foreign';
  const apiVersion = 'apiVersion' in value ? value.apiVersion : undefined;
  const kind = 'kind' in value ? value.kind : undefined;
  if (apiVersion === undefined) {
    return isKind(kind) && ('spec' in value || 'metadata' in value) ? { mistake: missingVersion() } : 'foreign';
  }
  if (typeof apiVersion !== 'string') return isKind(kind) ? { mistake: wrongVersion(String(apiVersion)) } : 'foreign';
  const [group = ''] = apiVersion.split('/');
  const near = isKind(kind) && (group.includes('tenfold') || suggest(group, [GROUP]) !== undefined);
  if (group !== GROUP && !near) return 'foreign';
  if (apiVersion !== API_VERSION) return { mistake: wrongVersion(apiVersion) };
  return isKind(kind) ? { kind } : { mistake: wrongKind(kind) };
}

/** Whether a text can hold a resource at all; keeps large foreign files from being parsed. */
export function mayHoldResources(text: string): boolean {
  return text.includes('tenfold') || /^["'{\s-]*kind["']?\s*:/m.test(text);
}

function missingVersion(): Mistake {
  return {
    path: ['kind'],
    at: 'key',
    message: `The field "apiVersion" is missing. Add: apiVersion: ${API_VERSION}`,
    expected: API_VERSION,
    suggestion: API_VERSION,
  };
}

function wrongVersion(apiVersion: string): Mistake {
  const message = `There is no apiVersion "${apiVersion}". Did you mean "${API_VERSION}"?`;
  return { path: ['apiVersion'], at: 'value', message, expected: API_VERSION, suggestion: API_VERSION };
}

function wrongKind(kind: unknown): Mistake {
  const expected = `one of ${kindNames.join(', ')}`;
  if (typeof kind !== 'string')
    return { path: ['kind'], at: 'value', message: 'The field "kind" is missing.', expected };
  const suggestion = suggest(kind, kindNames);
  const hint = suggestion === undefined ? `It has to be ${expected}.` : `Did you mean "${suggestion}"?`;
  return {
    path: ['kind'],
    at: 'value',
    message: `There is no kind "${kind}". ${hint}`,
    expected,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
