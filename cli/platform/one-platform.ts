// Options that name two platforms are refused: one of them would be taken in silence, and a purge
// would reach the other one.
import { CommandError } from '../command-error.ts';
import type { PlatformChoice } from './platform-options.ts';

const OF_A_CLUSTER = {
  kubeconfig: '--kubeconfig',
  context: '--context',
  platformNamespace: '--platform-namespace',
  serviceAccount: '--service-account',
} as const satisfies Partial<Record<keyof PlatformChoice, string>>;

export function assertOnePlatform(choice: PlatformChoice): void {
  const cluster = Object.entries(OF_A_CLUSTER).find(([option]) => choice[option as keyof PlatformChoice] !== undefined);
  const named = [choice.dir !== undefined && '--dir', choice.admin !== undefined && '--admin', cluster?.[1]];
  const [first, second] = named.filter(option => typeof option === 'string');
  if (second === undefined) return;
  throw new CommandError('usage', `${first} and ${second} name different platforms: leave out one of them.`);
}
