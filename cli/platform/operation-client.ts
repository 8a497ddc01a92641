// Asks the admin API about operations.

import type {
  ItemResult,
  OperationAction,
  OperationEdit,
  OperationName,
  OperationPlan,
  OperationReport,
} from '../../admin/commands/operation-view.ts';
import type { ConsumerName } from '../../admin/consumer-name.ts';
import type { Page } from '../../admin/page.ts';
import type { AdminCaller, Query } from './admin-call.ts';

/** Some by id, or all that the query finds. Durations as text, such as `7d`. */
export interface OperationOrder {
  readonly action: OperationAction;
  readonly ids?: readonly string[];
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly edit?: OperationEdit;
  readonly rate?: number;
}

export interface OperationClient {
  operations(query: Query): Promise<Page<OperationReport>>;
  operation(name: OperationName): Promise<OperationReport>;
  operationItems(name: OperationName, query: Query): Promise<Page<ItemResult>>;
  planOperation(consumer: ConsumerName, order: OperationOrder): Promise<OperationPlan>;
  startOperation(name: OperationName, token: string): Promise<OperationReport>;
  changeOperation(name: OperationName, change: 'pause' | 'resume' | 'stop'): Promise<OperationReport>;
}

export function createOperationClient({ call }: Pick<AdminCaller, 'call'>): OperationClient {
  const at = ({ namespace, id }: OperationName, ...more: string[]) =>
    ['operations', ...[namespace, id].map(encodeURIComponent), ...more].join('/');
  return {
    operations: query => call('GET', 'operations', query),
    operation: name => call('GET', at(name)),
    operationItems: (name, query) => call('GET', at(name, 'items'), query),
    planOperation: ({ kind, namespace, name }, order) =>
      call('POST', 'operations', {}, { kind, namespace, name, ...order }),
    startOperation: (name, token) => call('POST', at(name, 'start'), {}, { token }),
    changeOperation: (name, change) => call('POST', at(name, change)),
  };
}
