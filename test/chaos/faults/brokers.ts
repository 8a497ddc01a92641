// Brokers: killed, stopped, without room on their disk; any of them, the one that leads
// the quorum, or all at once.
import { eventually } from '../../eventually.ts';
import { during, type FaultKind, killFor, oneOf, stopFor } from './fault.ts';

const BROKERS = 'brokers';

export const brokers: readonly FaultKind[] = [
  {
    name: 'broker killed',
    draw({ site }, chance) {
      const { name, node } = oneOf(chance, 'which broker', site.brokers.all);
      const length = chance.int('length', 500, 6000);
      return {
        targets: [BROKERS],
        losesAttempts: true,
        name: `${name} is killed, and away for ${length} ms`,
        inject: () => killFor(node, length),
      };
    },
  },
  {
    name: 'broker stopped',
    draw({ site }, chance) {
      const { name, node } = oneOf(chance, 'which broker', site.brokers.all);
      const length = chance.int('length', 500, 6000);
      return {
        targets: [BROKERS],
        losesAttempts: true,
        name: `${name} stands still for ${length} ms`,
        inject: () => stopFor(node, length),
      };
    },
  },
  {
    name: 'controller killed',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 4000);
      return {
        targets: [BROKERS],
        losesAttempts: true,
        name: `the broker that leads the quorum is killed, and away for ${length} ms`,
        inject: () => killFor(site.brokers.controller().node, length),
      };
    },
  },
  {
    name: 'all brokers killed',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 3000);
      const nodes = site.brokers.all.map(({ node }) => node);
      return {
        targets: [BROKERS],
        losesAttempts: true,
        name: `all brokers are killed, and away for ${length} ms`,
        inject: () =>
          during(
            length,
            () => Promise.all(nodes.map(node => node.kill())),
            () => Promise.all(nodes.map(node => node.start())),
          ),
      };
    },
  },
  {
    name: 'brokers restarted',
    draw: ({ site }) => ({
      targets: [BROKERS],
      losesAttempts: true,
      name: 'all brokers are restarted, one after the other',
      async inject() {
        for (const { name, node } of site.brokers.all) {
          node.signal('SIGTERM');
          await eventually(async () => !(await node.isUp()), `${name} has ended`);
          await node.kill();
          await node.start();
        }
      },
    }),
  },
  {
    name: 'disk full',
    draw({ site }, chance) {
      const { name, node, disk } = oneOf(chance, 'which broker', site.brokers.all);
      return {
        targets: [BROKERS],
        losesAttempts: true,
        name: `the disk of ${name} is ${disk.kind}, until it gives up and is started anew with room`,
        async inject() {
          disk.fill();
          try {
            await eventually(async () => !(await node.isUp()), `${name} gives up`);
          } finally {
            await node.kill();
            disk.empty();
            await node.start();
          }
        },
      };
    },
  },
];
