// The operations of a process: planned and told of in each, carried out where events are taken.
import type { AuditControl } from '../../../admin/audit-view.ts';
import type { OperationControl } from '../../../admin/commands/operation-view.ts';
import type { Incarnation } from '../../../core/incarnation.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import { createAuditLog } from '../../admin/audit-log.ts';
import { createOperationControl } from './operation-control.ts';
import { type OperationRunner, runOperations } from './operation-runner.ts';
import { type OperationKeeper, OperationStore } from './operation-store.ts';
import type { OperationTargets } from './operation-targets.ts';
import type { StoredOperation } from './stored-operation.ts';

export interface OperationsOptions {
  readonly world: World;
  /** Whether this process carries them out. */
  readonly works: boolean;
  readonly storage: { readonly log: EventLog; readonly store: OperationKeeper };
  readonly incarnation: Incarnation;
  readonly log: GatewayLog;
}

export interface Operations {
  /** Called once. */
  open(targets: OperationTargets): OperationControl;
  /**
   * Goes on with what earlier processes have left. Called once the consumers are known; repeated
   * calls change nothing.
   */
  begin(): void;
  /** Operations under way go on in another process, or in the next one. */
  close(): Promise<void>;
}

export function createOperations({ world, works, storage, incarnation, log }: OperationsOptions): Operations {
  const store = new OperationStore(storage.store);
  const audit = createAuditLog({ world, log: storage.log, tell: line => log(line.level, line.message, line.fields) });
  let runner: OperationRunner | undefined;
  let run = () => {};
  return {
    open(targets) {
      const problem = (message: string, error: unknown) =>
        log('error', message, { reason: error instanceof Error ? error.message : String(error) });
      const ended = (operation: StoredOperation) => audit.happened(toAuditEntry(operation));
      run = () => {
        runner ??= runOperations({ world, store, targets, incarnation, ended, problem });
      };
      return createOperationControl({ world, store, targets, look: () => runner?.look() });
    },
    begin() {
      if (works) run();
    },
    close: async () => runner?.close(),
  };
}

/** The entry says who started it, what its plan was, and what came of it. */
function toAuditEntry(operation: StoredOperation): Parameters<AuditControl['happened']>[0] {
  const { id, action, consumer, state, total, done, refused, inDoubt, asker, plannedAt } = operation;
  const { startedAt = plannedAt, endedAt = startedAt } = operation;
  return {
    id: `operation-${id}`,
    at: toTimestamp(startedAt),
    action: `operation ${id}: ${action} ${consumer.kind.toLowerCase()}/${consumer.name}`,
    namespace: consumer.namespace,
    by: asker?.by ?? '',
    from: asker?.from ?? '',
    ...(asker?.client === undefined ? {} : { client: asker.client }),
    outcome: state === 'failed' ? 'failed' : 'done',
    asked: { operation: id, state, total, inDoubt },
    ms: endedAt - startedAt,
    taken: done,
    failed: refused + inDoubt,
  };
}
