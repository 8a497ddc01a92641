// What every server of the benchmark answers: the same 200 bytes of JSON.
export const order = {
  id: 'ord-000123',
  customer: 'cus-0042',
  placed: '2026-01-31T12:00:00Z',
  items: [
    { sku: 'v60', quantity: 2, price: 4.5 },
    { sku: 'cookie', quantity: 1, price: 2.25 },
  ],
  total: 11.25,
  note: 'oat milk',
};
