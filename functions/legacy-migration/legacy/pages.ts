// The legacy shop's pages, rendered on the server.
import type { OrderLine, OrderRow, Product } from './database.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ESCAPES[character] ?? character);
}

function page(title: string, body: string): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1>\n${body}\n<p><a href="/">Shop</a> <a href="/cart">Cart</a></p></body></html>\n`;
}

export function shopPage(products: readonly Product[]): string {
  const rows = products.map(
    ({
      name,
      euros,
    }) => `<form method="post" action="/cart"><input type="hidden" name="product" value="${escapeHtml(name)}">
<input name="quantity" value="1"><button>${escapeHtml(name)}, ${euros.toFixed(2)} €</button></form>`,
  );
  return page('The old shop', rows.join('\n'));
}

export function cartPage(lines: readonly OrderLine[]): string {
  const rows = lines.map(({ name, quantity }) => `<li>${quantity} × ${escapeHtml(name)}</li>`);
  return page('Your cart', rows.length === 0 ? '<p>It is empty.</p>' : `<ul>${rows.join('')}</ul>`);
}

/** A part of legacy that still uses the orders. */
export function accountPage(customer: string, orders: readonly OrderRow[]): string {
  const rows = orders.map(
    ({ id, lines }) =>
      `<li><a href="/orders/${id}">Order ${id}</a>, ${lines.length} ${lines.length === 1 ? 'item' : 'items'}</li>`,
  );
  return page(`Orders of ${customer}`, `<ul>${rows.join('')}</ul>`);
}
