// The receipts, by the number of the order.
import { http, problem } from 'tenfold';
import { find } from './kept.ts';
import type { Receipt } from './print-receipt.ts';

export default http({
  'GET /receipts/:order': async (request, context) => {
    const receipt = await find<Receipt>(context, 'receipts', request.params.order);
    if (!receipt) throw problem(404, { detail: 'There is no receipt for this order yet.' });
    return receipt;
  },
});
