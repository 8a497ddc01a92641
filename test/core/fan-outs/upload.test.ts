// Whose job an upload begins: as the endpoint has written it down, or as somebody else has.
import assert from 'node:assert/strict';
import { ownerMetadata, ownerOfUpload } from '../../../core/fan-outs/upload.ts';

describe('the owner of an upload', () => {
  it('is kept in what an object says of itself', () => {
    for (const owner of ['', 'api/shop/media/Zoë 100%']) assert.equal(ownerOfUpload(ownerMetadata(owner)), owner);
  });

  it('is nobody where others have written what is no name', () => {
    for (const text of ['%', '%ff', '%E0%A4%A']) assert.equal(ownerOfUpload({ 'tenfold-owner': text }), '');
  });
});
