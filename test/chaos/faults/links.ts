// Connections between the processes and a service: cut, slow, without answers, or leading
// nowhere though nobody says so.
import type { Link } from '../site/link.ts';
import { during, type FaultKind, oneOf } from './fault.ts';

interface LinkFault {
  readonly kind: string;
  readonly name: (link: string, ms: number) => string;
  inject(link: Link, lengthMs: number): Promise<void>;
}

const faults: readonly LinkFault[] = [
  {
    kind: 'link cut',
    name: (link, ms) => `connections to ${link} are cut, and none can be made for ${ms} ms`,
    inject: ({ proxy }, ms) =>
      during(
        ms,
        () => proxy.refuse(true),
        () => proxy.refuse(false),
      ),
  },
  {
    kind: 'link slow',
    name: (link, ms) => `all that goes to and from ${link} takes half a second longer for ${ms} ms`,
    inject: ({ proxy }, ms) =>
      during(
        ms,
        () => proxy.slowDown(500),
        () => proxy.slowDown(0),
      ),
  },
  {
    kind: 'answers lost',
    name: (link, ms) => `answers of ${link} are lost for ${ms} ms, then connections are cut`,
    inject: ({ proxy }, ms) =>
      during(
        ms,
        () => proxy.keepAnswers(true),
        () => {
          proxy.keepAnswers(false);
          proxy.cut();
        },
      ),
  },
  {
    kind: 'link half open',
    name: link => `connections to ${link} lead nowhere from now on, without a word`,
    inject: async ({ proxy }) => proxy.swallow(),
  },
];

export const links: readonly FaultKind[] = faults.map(({ kind, name, inject }) => ({
  name: kind,
  draw({ site }, chance) {
    const link = oneOf(chance, 'which link', site.links);
    const length = chance.int('length', 500, 5000);
    return {
      targets: [`link to ${link.name}`],
      losesAttempts: link.keepsAttempts,
      name: name(link.name, length),
      inject: () => inject(link, length),
    };
  },
}));
