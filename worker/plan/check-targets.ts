// Names the targets that events cannot be handed to by this version.
import type { Target, WeightedTarget } from '../../resources/kinds/shared/target.ts';
import type { Path } from '../../resources/resource.ts';

const LATER_TARGETS = ['fanOut'] as const;

/** `at`: where `to` is written. */
export function checkTargets(
  to: Target | readonly WeightedTarget[],
  at: Path,
  report: (path: Path, message: string) => void,
): void {
  const targets: readonly Target[] = [to].flat();
  for (const [index, target] of targets.entries()) {
    for (const name of LATER_TARGETS) {
      if (target[name] === undefined) continue;
      report([...at, ...(Array.isArray(to) ? [index] : []), name], `Events are not led to "${name}" by this version.`);
    }
  }
}
