// Leads from a finding to the page where it is mended.
import type { Finding } from '../../admin/diagnosis/finding.ts';
import { linkTo } from '../shell/router.ts';

export interface Mend {
  readonly label: string;
  readonly href: string;
}

export function mendOf({ resource, reason }: Pick<Finding, 'resource' | 'reason'>): Mend | undefined {
  if (resource === undefined) return undefined;
  const { kind, namespace, name } = resource;
  switch (reason) {
    case 'DeadLetters':
      return { label: 'Open its dead letters', href: linkTo(['failures'], { kind, namespace, name }) };
    case 'KeysParked':
    case 'KeysHeld':
      return { label: 'Open what waits', href: linkTo(['failures'], { kind, namespace, name }) };
    case 'Paused':
      return { label: 'Resume it', href: linkTo(['resources', kind, namespace, name]) };
    default:
      return { label: `Open the ${kind}`, href: linkTo(['resources', kind, namespace, name]) };
  }
}
