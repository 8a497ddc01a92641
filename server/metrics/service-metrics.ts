// Metrics of the services that keep data: whether each can be used.
import { Gauge, type Registry } from 'prom-client';
import type { ServiceState } from '../storage/watch-services.ts';

/** Reports nothing for data in files of this machine. */
export function registerServiceMetrics(registry: Registry, services: () => readonly ServiceState[]): void {
  new Gauge({
    name: 'tenfold_service_usable',
    help: 'Whether this process can use the service: 0 while it cannot, and why stands in /readyz and in the log.',
    labelNames: ['service'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, usable } of services()) this.set({ service: name }, usable ? 1 : 0);
    },
  });
}
