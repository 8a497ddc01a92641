// The legacy shop as an HTTP server: pages with a session in a cookie, redirects to absolute
// addresses, and a JSON API of orders.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Database } from './database.ts';
import { ordersApi } from './orders-api.ts';
import { accountPage, cartPage, shopPage } from './pages.ts';

const MAX_BODY = 64 * 1024;

export function createShop(database: Database): Server {
  return createServer((request, response) => {
    response.setHeader('server', 'OldShop/2.3');
    response.setHeader('x-powered-by', 'Perseverance');
    handle(database, request, response).catch(error => {
      response.writeHead(error instanceof SyntaxError ? 400 : 500, { 'content-type': 'text/plain' });
      response.end(error instanceof SyntaxError ? 'not JSON\n' : 'oops\n');
    });
  });
}

async function handle(database: Database, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://shop.invalid');
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  /** Legacy only knows absolute addresses, made from the host that it was called by. */
  const absolute = (path: string) => `http://${request.headers.host}${path}`;
  const body = await readBody(request);

  if (pathname === '/orders' || pathname.startsWith('/orders/') || pathname.startsWith('/import/')) {
    const reply = ordersApi(database, method, pathname, () => JSON.parse(body));
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      ...(reply.location ? { location: absolute(reply.location) } : {}),
    });
    response.end(JSON.stringify(reply.body));
    return;
  }

  const session = /(?:^|;\s*)shop_session=([0-9a-f-]{36})/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID();
  response.setHeader('set-cookie', `shop_session=${session}; Path=/; HttpOnly; Domain=${hostOf(request)}`);
  const show = (html: string) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html);
  };
  if (method === 'GET' && pathname === '/') return show(shopPage(database.products()));
  if (method === 'GET' && pathname === '/cart') return show(cartPage(database.cart(session)));
  if (method === 'POST' && pathname === '/cart') {
    const form = new URLSearchParams(body);
    const product = database.product(form.get('product') ?? '');
    if (product) database.addToCart(session, product.name, Number.parseInt(form.get('quantity') ?? '1', 10) || 1);
    response.writeHead(303, { location: absolute('/cart') }).end();
    return;
  }
  const customer = /^\/account\/([A-Za-z0-9-]{1,50})$/.exec(pathname)?.[1];
  if (method === 'GET' && customer !== undefined) {
    return show(
      accountPage(
        customer,
        database.orders().filter(order => order.customer === customer),
      ),
    );
  }
  response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:[0-9]+$/, '');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
