// The entities of a catalogue of Backstage, and how they are called there.
import { createHash } from 'node:crypto';
import { declaredLifecycle, declaredOwner } from '../../../resources/catalogue-words.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import type { AnyResource, Metadata } from '../../../resources/resource.ts';

export interface Entity {
  readonly apiVersion: 'backstage.io/v1alpha1';
  readonly kind: 'System' | 'Component' | 'API';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly title?: string;
    readonly description?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** They hold for resources that say nothing. */
export interface Defaults {
  readonly owner: string;
  readonly lifecycle: string;
}

/** Backstage's limit of a name. */
const MAX_NAME = 63;
const SYSTEM = 'app.kubernetes.io/part-of';

/**
 * Functions and Apis keep their names. Others are called `queue.imports`, as several kinds share
 * one kind of Backstage; those names have no dots otherwise.
 */
export function entityName(kind: Kind, name: string): string {
  if (kind === 'Function' || kind === 'Api') return name;
  const full = `${kind.toLowerCase()}.${name}`;
  if (full.length <= MAX_NAME) return full;
  return `${full.slice(0, MAX_NAME - 9)}-${createHash('sha256').update(full).digest('hex').slice(0, 8)}`;
}

/** Topics and Apis are APIs, Subscriptions are relations alone, all others are Components. */
export function entityKindOf(kind: Kind): 'API' | 'Component' | undefined {
  if (kind === 'Subscription') return undefined;
  return kind === 'Api' || kind === 'Topic' ? 'API' : 'Component';
}

export function entityOwnerOf(metadata: Metadata, { owner }: Defaults): string {
  return declaredOwner(metadata) ?? owner;
}

export function lifecycleOf({ metadata, kind, spec }: AnyResource, { lifecycle }: Defaults): string {
  return declaredLifecycle(metadata) ?? (kind === 'Api' && spec.deprecation !== undefined ? 'deprecated' : lifecycle);
}

/** The label of Kubernetes for the application that something is part of, else the namespace. */
export function systemOf({ labels, annotations, namespace }: Metadata): string {
  return labels[SYSTEM] ?? annotations[SYSTEM] ?? namespace;
}
