// Metrics of connections at the public and the internal listener.
import { Counter, Gauge, type Registry } from 'prom-client';
import { type ConnectionCounts, createConnectionCounts } from '../gateway/listeners/connection-guard.ts';

export interface ListenerCounts {
  readonly public: ConnectionCounts;
  readonly internal: ConnectionCounts;
}

/** Registers them, and gives what the listeners count into. */
export function registerConnectionMetrics(registry: Registry): ListenerCounts {
  const counts = { public: createConnectionCounts(), internal: createConnectionCounts() };
  const listeners = Object.entries(counts);
  new Gauge({
    name: 'tenfold_connections',
    help: 'Connections of clients that are open.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      for (const [listener, { open }] of listeners) this.set({ listener }, open);
    },
  });
  new Counter({
    name: 'tenfold_connections_closed_total',
    help: 'Connections that were closed while idle, to make room for others.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [listener, { reaped }] of listeners) this.inc({ listener }, reaped);
    },
  });
  new Counter({
    name: 'tenfold_connections_refused_total',
    help: 'Connections that were not taken, by which limit: that of one client, or that of all.',
    labelNames: ['listener', 'limit'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [listener, { refused, refusedOfClient }] of listeners) {
        this.inc({ listener, limit: 'client' }, refusedOfClient);
        this.inc({ listener, limit: 'all' }, refused);
      }
    },
  });
  return counts;
}
