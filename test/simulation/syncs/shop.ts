// What the deliveries of the simulation call: functions that write a change into a system and tell
// of it, that fail, and whose answers get lost.
import { decodeEvents } from '../../../core/cloudevents/decode.ts';
import { ORIGIN_HEADER } from '../../../core/wire.ts';
import type { CallAnswer, Caller, CallRequest } from '../../../worker/deliver/caller.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { Change, System } from './system.ts';

export interface Shop {
  readonly simulation: Simulation;
  readonly fresh: System;
  readonly legacies: readonly System[];
  /**
   * Every write is told, with where the change has been; else news alone, and legacy
   * systems know of themselves only.
   */
  readonly tellsAll: boolean;
  /** `fails`: nothing happens. `lost`: it happens, and the caller hears of a failure. */
  faults: { readonly latencyMs: number; readonly fails: number; readonly lost: number };
  /** Functions carry on where a change has been. */
  readonly carries: boolean;
  /** At the endpoint of a topic, with what the caller says of where the change has been. */
  tell(topic: string, change: Change, origin: string): void;
  /** A change was written into a system that it had been in. */
  returned(system: string, change: Change): void;
  saw(sight: string): void;
}

export function createCaller(shop: Shop, process: SimulatedProcess, { sync }: ConsumerPlan): Caller {
  const { simulation } = shop;
  const { chance } = simulation;
  const legacy = shop.legacies.find(({ name }) => name === sync?.strangler);
  const handle = (request: CallRequest) => {
    const { change, origin } = readCall(request);
    if (legacy) writeBack(shop, legacy, change, shop.carries ? origin : '');
    else takeOver(shop, change, shop.carries ? origin : '');
  };
  return {
    label: legacy?.name ?? 'new',
    call: request =>
      new Promise<CallAnswer>(resolve => {
        const { latencyMs, fails, lost } = shop.faults;
        const failing = chance.happens('function fails', fails);
        const losing = chance.happens('answer lost', lost);
        simulation.after(chance.int('call takes', 0, latencyMs), 'call arrives', () => {
          if (failing) shop.saw('function fails');
          else handle(request);
          if (losing) shop.saw('answer lost');
          const status = failing || losing ? 500 : 204;
          process.after(chance.int('answer takes', 0, latencyMs), 'answer arrives', () =>
            resolve({ status, headers: [], body: Buffer.alloc(0) }),
          );
        });
      }),
  };
}

/**
 * The function behind a sync: writes into legacy, whose own connector tells of it; and tells the
 * new side what became of it.
 */
function writeBack(shop: Shop, legacy: System, arrived: Change, origin: string): void {
  if (arrived.path.includes(legacy.name)) shop.returned(legacy.name, arrived);
  const { change, news } = legacy.write(arrived);
  const own = `default/${legacy.name}`;
  if (shop.tellsAll) {
    shop.tell(`${legacy.name}.changes`, change, `${origin},${own}`);
    shop.tell('changed', change, origin);
  } else if (news) shop.tell(`${legacy.name}.changes`, change, own);
}

/** The function that takes changes of a legacy system over into the new side. */
function takeOver(shop: Shop, arrived: Change, origin: string): void {
  const { change, news } = shop.fresh.write(arrived);
  if (shop.tellsAll || news) shop.tell('changed', change, origin);
}

function readCall({ headers, body }: CallRequest): { readonly change: Change; readonly origin: string } {
  const [event] = decodeEvents(headers, Buffer.from(body ?? ''));
  const at = headers.indexOf(ORIGIN_HEADER);
  return { change: event?.data as Change, origin: at < 0 ? '' : (headers[at + 1] ?? '') };
}
