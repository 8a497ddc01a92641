// Passes the reports of the function host on to the code that started the platform.
import type { LocalHostListener } from '../../drivers/function-host/local/local-host.ts';
import type { PlatformEvents } from '../platform-events.ts';

export function toHostListener(events: Partial<PlatformEvents>): LocalHostListener {
  return {
    log: ({ namespace, name }, stream, text) => events.functionLog?.({ namespace, name, stream, text }),
    failed: ({ namespace, name }, failure, stillServing) =>
      events.functionFailed?.({ ...failure, namespace, name, stillServing }),
    reloaded: ({ namespace, name }, file, tookMs) => events.functionReloaded?.({ namespace, name, file, tookMs }),
  };
}
