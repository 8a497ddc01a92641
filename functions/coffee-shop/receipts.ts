// The receipts, by the number of the order.
import { http, problem } from 'tenfold';
import type { Receipt } from './print-receipt.ts';
import { openStore } from './store.ts';

const receipts = openStore<Receipt>('receipts');

export default http({
  'GET /receipts/:order': request => {
    const receipt = receipts.get(request.params.order);
    if (!receipt) throw problem(404, { detail: 'There is no receipt for this order yet.' });
    return receipt;
  },
});
