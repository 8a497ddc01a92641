// Metrics of connections at the public and the internal listener.
import { Counter, Gauge, type Registry } from 'prom-client';
import { type ConnectionCounts, createConnectionCounts } from '../gateway/doors/connection-guard.ts';

export interface ListenerCounts {
  readonly public: ConnectionCounts;
  readonly internal: ConnectionCounts;
}

/** Registers them, and gives what the listeners count into. */
export function registerConnectionMetrics(registry: Registry): ListenerCounts {
  const counts = { public: createConnectionCounts(), internal: createConnectionCounts() };
  const doors = Object.entries(counts);
  new Gauge({
    name: 'tenfold_connections',
    help: 'Connections of clients that are open.',
    labelNames: ['door'],
    registers: [registry],
    collect() {
      for (const [door, { open }] of doors) this.set({ door }, open);
    },
  });
  new Counter({
    name: 'tenfold_connections_closed_total',
    help: 'Connections that were closed while idle, to make room for others.',
    labelNames: ['door'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [door, { reaped }] of doors) this.inc({ door }, reaped);
    },
  });
  new Counter({
    name: 'tenfold_connections_refused_total',
    help: 'Connections that were not taken, by which limit: that of one client, or that of all.',
    labelNames: ['door', 'limit'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [door, { refused, refusedOfClient }] of doors) {
        this.inc({ door, limit: 'client' }, refusedOfClient);
        this.inc({ door, limit: 'all' }, refused);
      }
    },
  });
  return counts;
}
