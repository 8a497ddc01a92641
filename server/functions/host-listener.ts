// Passes the reports of the function host on to the code that started the platform.
import type { DebugListener } from '../../drivers/function-host/local/debug/debug-ports.ts';
import type { LocalHostListener } from '../../drivers/function-host/local/local-host.ts';
import type { PlatformEvents } from '../platform-events.ts';
import type { KeptLines } from './kept-lines.ts';

export function toHostListener(events: Partial<PlatformEvents>, kept: KeptLines): LocalHostListener {
  return {
    log({ namespace, name }, stream, text) {
      kept.add(namespace, name, stream, text);
      events.functionLog?.({ namespace, name, stream, text });
    },
    failed: ({ namespace, name }, failure, stillServing) =>
      events.functionFailed?.({ ...failure, namespace, name, stillServing }),
    reloaded: ({ namespace, name }, file, tookMs) => events.functionReloaded?.({ namespace, name, file, tookMs }),
  };
}

export function toDebugListener(events: Partial<PlatformEvents>): DebugListener {
  return {
    listens: ({ namespace, name }, address) => events.functionInspected?.({ namespace, name, address }),
    paused: ({ namespace, name }) =>
      events.gatewayLog?.({
        level: 'info',
        message: 'a debugger holds a function: until it goes on, no time limit of a call runs out',
        fields: { namespace, function: name },
      }),
    failed: error =>
      events.gatewayLog?.({ level: 'error', message: error.message, fields: { error: String(error.cause) } }),
  };
}
