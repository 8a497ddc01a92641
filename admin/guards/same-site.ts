// Refuses requests that a foreign web page sends through a browser: by the Host (DNS rebinding)
// and by the Origin header.
import type { RequestHandler } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { createInwardHosts, createLoopbackHosts } from '../../core/http/own-hosts.ts';

/**
 * For the API. `allowedHosts` are host names without port, besides those of the loopback interface.
 */
export function requireSameSite(allowedHosts: readonly string[]): RequestHandler {
  const isOwn = createLoopbackHosts(allowedHosts);
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    if (!isOwn(host)) {
      throw new TenfoldError(
        'forbidden',
        'The Host header names a host that the admin API does not answer to. Use localhost, or name the host in admin.hosts of the configuration.',
      );
    }
    const crossSite = request.headers['sec-fetch-site'] === 'cross-site';
    if (crossSite || (origin !== undefined && parse(origin)?.host !== parse(`http://${host}`)?.host)) {
      throw new TenfoldError('forbidden', 'The admin API does not answer to pages of other origins.');
    }
    next();
  };
}

/**
 * The check for endpoints that probes and scrapers read without a token: they come by the address
 * of a pod, or by the name of a Service.
 */
export function requireInwardHost(allowedHosts: readonly string[]): RequestHandler {
  const isInward = createInwardHosts(allowedHosts);
  return (request, _response, next) => {
    if (isInward(request.headers.host)) return next();
    throw new TenfoldError(
      'forbidden',
      'The Host header names a host that the admin port does not answer to. Use an address, or name the host in admin.hosts of the configuration.',
    );
  };
}

function parse(url: string): URL | undefined {
  const parsed = URL.parse(url);
  return parsed && parsed.username === '' && parsed.password === '' && parsed.pathname === '/' ? parsed : undefined;
}
