// Instances that do what a test tells them to, in place of child processes.
import type { InstanceListener, Launcher } from '../../drivers/function-host/local/instance.ts';

export interface FakeInstance {
  readonly tell: InstanceListener;
  /** Whether the pool has asked it to stop. */
  stopped: boolean;
}

export function createFakeInstances() {
  const all: FakeInstance[] = [];
  const launch: Launcher = tell => {
    const instance: FakeInstance = { tell, stopped: false };
    all.push(instance);
    return {
      stop() {
        if (instance.stopped) return;
        instance.stopped = true;
        queueMicrotask(() => tell.exited('signal SIGTERM'));
      },
    };
  };
  const at = (index: number): FakeInstance => {
    const instance = all[index];
    if (!instance) throw new Error(`only ${all.length} instances were launched`);
    return instance;
  };
  return { launch, all, at, ready: (index: number) => at(index).tell.ready(`http://127.0.0.1:${9000 + index}`) };
}
