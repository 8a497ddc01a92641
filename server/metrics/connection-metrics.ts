// Metrics of connections at every listener of the data plane.
import { Counter, Gauge, type Registry } from 'prom-client';
import { type ConnectionCounts, createConnectionCounts } from '../../gateway/listeners/connection-guard.ts';

/** The counters of a listener, by its name. */
export type CountsOf = (listener: string) => ConnectionCounts;

/** Registers them, and gives what the listeners count into. */
export function registerConnectionMetrics(registry: Registry): CountsOf {
  const counts = new Map([
    ['public', createConnectionCounts()],
    ['internal', createConnectionCounts()],
  ]);
  new Gauge({
    name: 'tenfold_connections',
    help: 'Connections of clients that are open.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      for (const [listener, { open }] of counts) this.set({ listener }, open);
    },
  });
  new Counter({
    name: 'tenfold_connections_closed_total',
    help: 'Connections that were closed while idle, to make room for others.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [listener, { reaped }] of counts) this.inc({ listener }, reaped);
    },
  });
  new Counter({
    name: 'tenfold_connections_refused_total',
    help: 'Connections that were not taken, by which limit: that of one client, or that of all.',
    labelNames: ['listener', 'limit'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [listener, { refused, refusedOfClient }] of counts) {
        this.inc({ listener, limit: 'client' }, refusedOfClient);
        this.inc({ listener, limit: 'all' }, refused);
      }
    },
  });
  return listener => {
    const found = counts.get(listener) ?? createConnectionCounts();
    counts.set(listener, found);
    return found;
  };
}
