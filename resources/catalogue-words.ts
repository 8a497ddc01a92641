// The words that labels and annotations of a resource have for people: its owner, its lifecycle and
// its purpose.
import type { Metadata } from './resource.ts';

const OWNER = 'tenfold.dev/owner';
const LIFECYCLE = 'tenfold.dev/lifecycle';
/** An annotation that Kubernetes itself defines. */
const DESCRIPTION = 'kubernetes.io/description';

export function declaredOwner({ labels, annotations }: Metadata): string | undefined {
  return annotations[OWNER] ?? labels[OWNER];
}

export function declaredLifecycle({ labels, annotations }: Metadata): string | undefined {
  return annotations[LIFECYCLE] ?? labels[LIFECYCLE];
}

export function declaredDescription({ annotations }: Metadata): string | undefined {
  return annotations[DESCRIPTION];
}
