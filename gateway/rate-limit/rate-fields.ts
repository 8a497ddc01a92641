// Tells clients of their limits: RateLimit-Policy and RateLimit
// (draft-ietf-httpapi-ratelimit-headers-10), as structured fields (RFC 9651).
import type { RateDecision, RateLimit } from './rate-limiter.ts';

/** The burst as quota, and the seconds in which it comes back whole. */
export function policyField(name: string, { rate, burst }: RateLimit): string {
  const windowMs = (rate.periodMs / rate.count) * burst;
  return `"${name}";q=${burst};w=${toSeconds(windowMs)}`;
}

export function limitField(name: string, { remaining, resetMs }: RateDecision): string {
  return `"${name}";r=${remaining};t=${toSeconds(resetMs)}`;
}

/** Whole seconds, rounded up: a client that waits that long has waited long enough. */
export function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000 - 1e-9));
}
