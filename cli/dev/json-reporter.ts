// Tells programs what happens in a running application: one JSON object a line,
// each with `time` and `event`.
import type { Reporter } from '../application/run-application.ts';
import type { Terminal } from '../terminal.ts';

export function createJsonReporter(terminal: Pick<Terminal, 'print'>, now: () => Date): Reporter {
  const emit = (event: string, fields: object) =>
    terminal.print(JSON.stringify({ time: now().toISOString(), event, ...fields }));
  return {
    events: {
      accepted: snapshot =>
        emit('accepted', {
          generation: snapshot.generation,
          resources: snapshot.resources.all.length,
          warnings: snapshot.warnings,
        }),
      refused: problems => emit('refused', { problems }),
      functionLog: entry => emit('log', entry),
      functionFailed: failure => emit('failed', failure),
      functionReloaded: reload => emit('reloaded', reload),
      functionInspected: inspected => emit('inspected', inspected),
      gatewayLog: entry => emit('gateway', entry),
      request: entry => emit('request', entry),
    },
    started: platform => emit('started', { addresses: platform.addresses, routes: platform.view.routes() }),
    stopping: signal => emit('stopping', { signal }),
    stopped: () => emit('stopped', {}),
  };
}
