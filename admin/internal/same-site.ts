// Refuses requests that a foreign web page sends through a browser: by the Host (DNS rebinding) and by the Origin header.
import type { RequestHandler } from 'express';
import { TenfoldError } from '../../core/errors.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** `allowedHosts` are host names without port, besides those of the loopback interface. */
export function requireSameSite(allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set([...LOOPBACK, ...allowedHosts.map(host => host.toLowerCase())]);
  return (request, _response, next) => {
    const host = parse(`http://${request.headers.host ?? ''}`);
    if (!host || !allowed.has(host.hostname)) {
      throw new TenfoldError(
        'forbidden',
        'The Host header names a host that the admin API does not answer to. Use localhost, or allow the name when starting.',
      );
    }
    const { origin } = request.headers;
    const crossSite = request.headers['sec-fetch-site'] === 'cross-site';
    if (crossSite || (origin !== undefined && parse(origin)?.host !== host.host)) {
      throw new TenfoldError('forbidden', 'The admin API does not answer to pages of other origins.');
    }
    next();
  };
}

function parse(url: string): URL | undefined {
  const parsed = URL.parse(url);
  return parsed && parsed.username === '' && parsed.password === '' && parsed.pathname === '/' ? parsed : undefined;
}
