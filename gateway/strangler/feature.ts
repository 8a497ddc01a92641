// One feature of a facade in one plan: sends each request to the side that its phase
// says, and tells how it goes.
import { TenfoldError } from '../../core/errors.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import type { Target } from '../exchange/target.ts';
import type { GatewayLog } from '../gateway-log.ts';
import { pointOf } from '../steps/stick.ts';
import type { CompareSettings } from './compare/compare-answers.ts';
import type { PeerGateways } from './evidence/peer-gateways.ts';
import { SideObserver } from './evidence/side-observer.ts';
import type { Tally } from './evidence/tally.ts';
import type { LegacySide } from './legacy/legacy-side.ts';
import type { PromotionRules } from './phase/decide.ts';
import { createFeatureControl, type FeatureControl } from './phase/feature-control.ts';
import type { FeatureRecord } from './phase/feature-record.ts';
import type { Phase, PhaseState } from './phase/phase-state.ts';
import type { Switch, SwitchedBy } from './phase/switches.ts';
import { describeBehind, type SyncReport, type SyncStatus } from './phase/sync-status.ts';
import type { FeatureReport } from './report.ts';
import type { Normalizer } from './shadow/normalizer.ts';
import { createShadowCompare, toShadowHeaders } from './shadow/shadow-compare.ts';
import type { ShadowRoom } from './shadow/shadow-room.ts';
import { createShadowWatch } from './shadow/shadow-step.ts';

/** The new side of a feature. */
export interface NewSide {
  /** For people, e.g. `function orders`. */
  readonly label: string;
  readonly timeoutMs: number;
  /** Changes path and headers as the feature says; undefined when it says nothing. */
  readonly rewrite: Step | undefined;
  readonly send: Step;
  /** The requests of which a copy is sent. */
  pick(exchange: Exchange): Target;
}

/** Window for features without promotion: the default of `promote`. */
const DEFAULT_MAX_MISMATCH = 0.001;

export interface FeatureSync {
  readonly topic: string;
  readonly maxLagMs: number;
  status(): SyncStatus | undefined;
}

export interface FeatureOptions {
  readonly world: World;
  readonly log: GatewayLog;
  /** `shop`. */
  readonly strangler: string;
  readonly name: string;
  /**
   * `default/shop`: what its legacy system is called where changes say in
   * which systems they have been.
   */
  readonly origin: string;
  /** `default/shop/orders`. */
  readonly key: string;
  readonly methods: readonly string[];
  readonly path: string;
  readonly declared: PhaseState;
  /** Share of the canary as declared, percent. */
  readonly percent: number;
  readonly stickyKey: (exchange: Exchange) => string;
  readonly rules: PromotionRules | undefined;
  /** Undefined where no other gateway serves the feature. */
  readonly peers: PeerGateways | undefined;
  /** Undefined where nothing is written back to legacy. */
  readonly sync: FeatureSync | undefined;
  /** The feature has another phase state now. */
  readonly moved: () => void;
  /** How the sides are compared, as text. */
  readonly question: string;
  readonly shadow: {
    readonly sample: number;
    readonly noise: boolean;
    readonly unsafeMethods: boolean;
    readonly maxBody: number;
    readonly compare: CompareSettings;
    readonly normalizer: Normalizer | undefined;
  };
  readonly legacy: LegacySide;
  readonly fresh: NewSide;
  readonly record: FeatureRecord;
  readonly room: ShadowRoom;
}

export interface Feature {
  readonly name: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  /** With the base path. */
  readonly path: string;
  readonly control: FeatureControl;
  /** Its present phase state. */
  readonly phase: Phase;
  readonly serve: Step;
  /** For people: who answers. */
  readonly target: string;
  /** Longest time that an answer may take now, milliseconds. */
  readonly timeoutMs: number;
  /** The plan that it belongs to is in force. */
  begin(): void;
  report(): FeatureReport;
}

export function createFeature(options: FeatureOptions): Feature {
  return new PhasedFeature(options);
}

class PhasedFeature implements Feature {
  readonly name: string;
  readonly methods: readonly string[];
  readonly path: string;
  readonly control: FeatureControl;
  readonly #options: FeatureOptions;
  readonly #watch: (exchange: Exchange, tally: Tally) => void;
  /** Tells the control that the new side has failed, so that a decision need not wait. */
  readonly #onFailed: (() => void) | undefined;

  constructor(options: FeatureOptions) {
    const { world, name, methods, path, rules } = options;
    this.name = name;
    this.methods = methods;
    this.path = path;
    this.#options = options;
    const control = createFeatureControl({ ...options, feature: name, monotonic: () => world.monotonic() });
    this.control = control;
    this.#watch = createWatch(options);
    this.#onFailed = rules && (() => control.judge());
  }

  readonly serve: Step = exchange => {
    const { record, stickyKey, key } = this.#options;
    if (!record.known) return exchange.fail(notKnown(this.name));
    const { phase, percent } = record.phaseState;
    switch (phase) {
      case 'legacy':
        return this.#toLegacy(exchange);
      case 'shadow':
        // A connection that changes its protocol has no answer to compare.
        if (!exchange.request.clientSide) this.#watch(exchange, record.tally);
        return this.#toLegacy(exchange);
      case 'canary':
        // A client that was chosen stays chosen when the share grows.
        return pointOf(stickyKey(exchange), key) * 100 < percent ? this.#toNew(exchange) : this.#toLegacy(exchange);
      case 'live':
      case 'retired':
        return this.#toNew(exchange);
    }
  };

  get phase(): Phase {
    return this.#options.record.phaseState.phase;
  }

  get target(): string {
    return describeTarget(this.#options.record.phaseState, this.#options.fresh.label);
  }

  get timeoutMs(): number {
    const { phase } = this;
    const { legacy, fresh } = this.#options;
    if (phase === 'live' || phase === 'retired') return fresh.timeoutMs;
    return phase === 'canary' ? Math.max(legacy.timeoutMs, fresh.timeoutMs) : legacy.timeoutMs;
  }

  begin(): void {
    const { record, declared, question, rules, peers } = this.#options;
    const windowMs = rules?.window ?? 0;
    record.declare(declared, windowMs, question);
    this.control.follow();
    const everyMs = Math.min(30_000, Math.max(1000, windowMs / 20));
    record.watch(everyMs, rules && (() => this.control.consult(everyMs)));
    if (rules && peers) this.control.consult(everyMs);
  }

  report(): FeatureReport {
    const { record, fresh, rules, sync } = this.#options;
    const { phaseState, switched, tally, moves, elapsed } = record;
    const decision = this.control.decision();
    const { figures, gateways } = this.control.seen();
    const next = this.control.next();
    return {
      name: this.name,
      methods: this.methods,
      path: this.path,
      target: fresh.label,
      ...phaseState,
      declared: record.declared,
      ...(next && { next }),
      ...(switched && switched.by !== 'resource' && { switched: reportSwitch(switched.by, switched) }),
      elapsedMs: Math.round(elapsed),
      sides: tally.sides(),
      shadow: tally.shadow(),
      maxMismatch: rules?.maxMismatch ?? DEFAULT_MAX_MISMATCH,
      ...(decision && {
        promotion: {
          verdict: decision.verdict,
          because: decision.because,
          windowMs: rules?.window ?? 0,
          window: figures,
          gateways,
        },
      }),
      ...(sync && { sync: reportSync(sync, phaseState.phase) }),
      moves: moves.map(move => ({ ...move, at: toTimestamp(move.at) })),
    };
  }

  #toNew(exchange: Exchange): void {
    const { world, record, legacy, fresh } = this.#options;
    const observer = new SideObserver(world, record.tally, 'new', this.#onFailed);
    if (exchange.timeoutMs > fresh.timeoutMs) observer.limit(exchange, fresh.timeoutMs);
    if (!exchange.request.clientSide) exchange.response.addFilter(observer);
    legacy.mapAnswer(exchange);
    fresh.rewrite?.(exchange, [], 0);
    fresh.send(exchange, [], 0);
  }

  #toLegacy(exchange: Exchange): void {
    const { world, record, legacy } = this.#options;
    const observer = new SideObserver(world, record.tally, 'legacy');
    if (exchange.timeoutMs > legacy.timeoutMs) observer.limit(exchange, legacy.timeoutMs);
    // A tunnel lasts as long as it lasts: that is no latency.
    if (!exchange.request.clientSide) exchange.response.addFilter(observer);
    legacy.send(exchange);
  }
}

/** Watches a request in the phase shadow: a copy of it goes to the new side, too. */
function createWatch(options: FeatureOptions): (exchange: Exchange, tally: Tally) => void {
  const { world, room, shadow, legacy, fresh, path, origin } = options;
  const compare = createShadowCompare({
    world,
    settings: shadow.compare,
    normalizer: shadow.normalizer,
    maxBody: shadow.maxBody,
    bases: legacy.bases,
    pattern: path,
    // The exchange has ended, so it is free to be changed. Legacy is asked
    // first, with what it got before.
    toNew({ exchange }) {
      // Legacy has done it already: nothing that the copy causes may be written back there.
      exchange.request.headers = toShadowHeaders(exchange.headers, false, origin);
      fresh.rewrite?.(exchange, [], 0);
      const { path: changed, headers } = exchange;
      return { target: fresh.pick(exchange), path: changed, headers, timeoutMs: fresh.timeoutMs };
    },
    toLegacy: shadow.noise
      ? ({ exchange }) => ({
          target: legacy.target,
          path: exchange.path,
          headers: toShadowHeaders(exchange.headers, true),
          timeoutMs: legacy.timeoutMs,
        })
      : undefined,
  });
  return createShadowWatch({ world, room, ...shadow, compare });
}

function reportSwitch(by: SwitchedBy, { at, reason }: Switch): NonNullable<FeatureReport['switched']> {
  return { by, at: toTimestamp(at), reason };
}

/** The wrong side could do harm: one that was backed out of, or a system that is gone. */
function notKnown(feature: string): TenfoldError {
  const message = `The phase of ${feature} is kept in the store, which has not been reached yet. Ask again.`;
  return new TenfoldError('store-unavailable', message, { retryAfterSeconds: 1 });
}

function reportSync({ topic, maxLagMs, status }: FeatureSync, phase: Phase): SyncReport {
  const now = status() ?? { ...NOT_RUNNING, state: phase === 'retired' ? 'off' : 'starting' };
  const behind = describeBehind(now, maxLagMs);
  return { topic, maxLagMs, ...now, ...(behind === undefined ? {} : { behind }) };
}

const NOT_RUNNING = { target: '', lag: undefined, ageMs: undefined, heldKeys: 0, delivered: 0, returned: 0 };

function describeTarget({ phase, percent }: PhaseState, fresh: string): string {
  if (phase === 'legacy') return 'legacy';
  if (phase === 'shadow') return `legacy, compared with ${fresh}`;
  return phase === 'canary' ? `${fresh} for ${percent}%, else legacy` : fresh;
}
