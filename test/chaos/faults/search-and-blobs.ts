// Elasticsearch and S3: killed, and away for a while; or still.
import { type FaultKind, killFor, stopFor } from './fault.ts';

interface Service {
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

const faultsOf = (name: string, of: (site: Parameters<FaultKind['draw']>[0]['site']) => Service): FaultKind[] => [
  {
    name: `${name} killed`,
    draw({ site, longestOutageMs }, chance) {
      const length = chance.int('length', 500, longestOutageMs);
      return {
        targets: [name],
        keepsFromReady: true,
        name: `${name} is killed, and away for ${length} ms`,
        inject: () => killFor(of(site), length),
      };
    },
  },
  {
    name: `${name} stopped`,
    draw({ site, longestOutageMs }, chance) {
      const length = chance.int('length', 500, longestOutageMs);
      return {
        targets: [name],
        keepsFromReady: true,
        name: `${name} stands still for ${length} ms`,
        inject: () => stopFor(of(site), length),
      };
    },
  },
];

export const searchAndBlobs: readonly FaultKind[] = [
  ...faultsOf('Elasticsearch', site => site.elasticsearch),
  ...faultsOf('S3', site => site.s3),
];
